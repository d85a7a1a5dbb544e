// Package reports tells in chat what became of a clinic, as text and as a picture:
// to its owner about the clinic, to the platform's admins about what it bought. The
// counting is done in internal/report.
package reports

import (
	"context"
	"errors"
	"strconv"

	"vetalyze/bot/chat"
	"vetalyze/internal/reference"
	"vetalyze/internal/report"
	"vetalyze/internal/staff"
)

// What can be asked of the room: "report", "report:picture", and of a clinic by its
// id in base 36, as all of the admins' buttons have it: "clinicreport:1f",
// "clinicreport:1f:picture".
const (
	routeReport       = "report"
	routeClinicReport = "clinicreport"
	actPicture        = "picture"
)

// A Room answers clinic owners and admins about clinics.
type Room struct {
	reports   *report.Reports
	reference *reference.Reference
}

// New returns the room.
func New(reports *report.Reports, lists *reference.Reference) *Room {
	return &Room{reports: reports, reference: lists}
}

// Routes lists what can be asked of the room.
func (r *Room) Routes() []chat.Route {
	return []chat.Route{
		{Name: routeReport, Right: staff.RightSeeAmounts, Open: r.openOfClinic},
		{Name: routeClinicReport, Right: staff.RightManageSubscriptions, Open: r.openOfPlatform},
	}
}

// openOfClinic reports to the clinic owner.
func (r *Room) openOfClinic(ctx context.Context, t *chat.Turn, argument string) error {
	told, err := r.reports.Clinic(ctx, *t.Speaker.Member)
	if err != nil {
		return err
	}
	if argument == actPicture {
		return draw(ctx, t, report.Picture{
			Months: told.Months, Rows: [][]float64{numbers(told.OwnersByMonth), numbers(told.PetsByMonth)},
		}, t.Text("report.caption_registry", chat.Args{
			"Clinic": told.ClinicName, "First": chat.HTML(report.Squares[0]), "Second": chat.HTML(report.Squares[1]),
		}))
	}
	text, err := r.ofClinic(ctx, t, told)
	if err != nil {
		return err
	}
	t.Banner = ""
	_, err = t.Show(ctx, chat.Screen{Text: text, Rows: [][]chat.Button{
		{{Label: t.Plain("report.picture"), Data: chat.Data(routeReport, actPicture)}},
		{{Label: t.Plain("clinic.subscription.back"), Data: "subscription"}},
	}})
	return err
}

// openOfPlatform reports to an admin about one clinic.
func (r *Room) openOfPlatform(ctx context.Context, t *chat.Turn, argument string) error {
	id, action := chat.SplitData(argument)
	clinicID, err := strconv.ParseInt(id, 36, 64)
	if err != nil {
		return t.Decline(ctx, "form.expired")
	}
	told, err := r.reports.Platform(ctx, t.Speaker, clinicID)
	if errors.Is(err, report.ErrNotFound) {
		return t.Decline(ctx, "admin.new_clinic.gone")
	}
	if err != nil {
		return err
	}
	if action == actPicture {
		return drawMoney(ctx, t, told)
	}
	rows := [][]chat.Button{{{Label: t.Plain("form.back"), Data: chat.Data("clinics", "card", id)}}}
	if len(told.Money) > 0 {
		rows = append([][]chat.Button{{{Label: t.Plain("report.picture"), Data: chat.Data(routeClinicReport, id, actPicture)}}}, rows...)
	}
	_, err = t.Show(ctx, chat.Screen{Text: ofPlatform(t, told), Rows: rows})
	return err
}

// drawMoney draws what was received and given back, in the currency with the most.
func drawMoney(ctx context.Context, t *chat.Turn, told report.OfPlatform) error {
	if len(told.Money) == 0 {
		return t.Decline(ctx, "report.nothing")
	}
	most := told.Money[0]
	for _, other := range told.Money[1:] {
		if other.Received > most.Received {
			most = other
		}
	}
	return draw(ctx, t, report.Picture{
		Months: told.Months, Rows: [][]float64{most.Major(most.ReceivedByMonth), most.Major(most.RefundedByMonth)},
	}, t.Text("report.caption_money", chat.Args{
		"Clinic": told.ClinicName, "Currency": t.Currency(most.Currency.Code),
		"First": chat.HTML(report.Squares[0]), "Second": chat.HTML(report.Squares[1]),
	}))
}

// draw sends a picture; that it is coming shows while it is drawn.
func draw(ctx context.Context, t *chat.Turn, picture report.Picture, caption chat.HTML) error {
	t.Drawing(ctx)
	png, err := picture.PNG()
	if err != nil {
		return err
	}
	_, err = t.UploadPhoto(ctx, chat.Photo{PNG: png, Name: "report", Caption: caption})
	return err
}

func numbers(counts []int) []float64 {
	values := make([]float64, len(counts))
	for i, count := range counts {
		values[i] = float64(count)
	}
	return values
}
