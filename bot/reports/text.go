package reports

import (
	"context"
	"time"

	"vetalyze/bot/chat"
	"vetalyze/internal/report"
)

// How much of a report stands in its text; the picture has the months of a year.
const (
	shownMonths = 6
	shownLines  = 12 // of plans, of channels and of revenue
)

// ofClinic is the owner's report in words.
func (r *Room) ofClinic(ctx context.Context, t *chat.Turn, told report.OfClinic) (chat.HTML, error) {
	registered := []chat.HTML{
		t.Text("report.registered"),
		t.Text("report.registry", chat.Args{"Owners": owners(t, told.Owners), "Pets": pets(t, told.Pets)}),
	}
	months := byMonth(told.Months, func(i int) chat.HTML {
		if told.OwnersByMonth[i] == 0 && told.PetsByMonth[i] == 0 {
			return ""
		}
		return t.Text("report.month_registry", chat.Args{
			"Month": t.MonthOf(told.Months[i]), "Owners": owners(t, told.OwnersByMonth[i]), "Pets": pets(t, told.PetsByMonth[i]),
		})
	})
	channels, err := r.channels(ctx, t, told)
	return chat.Paragraphs(
		head(t, told.Report),
		chat.Lines(append(registered, months...)...),
		chat.Lines(channels...),
		team(t, told.Report),
	), err
}

// ofPlatform is the admin's report in words.
func ofPlatform(t *chat.Turn, told report.OfPlatform) chat.HTML {
	lines := []chat.HTML{t.Text("report.revenue")}
	for _, revenue := range told.Revenue[:min(shownLines, len(told.Revenue))] {
		line := t.Text("report.revenue_line", chat.Args{
			"Plan": t.Choose(revenue.NameEN, revenue.NameAR), "Status": t.Text("term." + revenue.Status),
			"Times": times(t, revenue.Terms), "Amount": t.Money(revenue.Received, revenue.Currency),
		})
		if revenue.Refunded > 0 {
			line = chat.Lines(line, t.Text("report.refunded", chat.Args{"Amount": t.Money(revenue.Refunded, revenue.Currency)}))
		}
		lines = append(lines, line)
	}
	for _, all := range told.Money {
		lines = append(lines, t.Text("report.total", chat.Args{"Amount": t.Money(all.Received-all.Refunded, all.Currency)}))
	}
	if len(lines) == 1 {
		lines = append(lines, t.Text("report.nothing"))
	}
	return chat.Paragraphs(head(t, told.Report), chat.Lines(lines...), team(t, told.Report))
}

// head is what both reports begin with.
func head(t *chat.Turn, told report.Report) chat.HTML {
	lines := []chat.HTML{t.Text("report.days", chat.Args{"Count": told.Days})}
	for _, plan := range told.Plans[:min(shownLines, len(told.Plans))] {
		lines = append(lines, t.Text("report.plan_line", chat.Args{
			"Plan": t.Choose(plan.NameEN, plan.NameAR), "Times": times(t, plan.Terms),
		}))
	}
	return chat.Paragraphs(
		chat.Lines(t.Text("report.title", chat.Args{"Clinic": told.ClinicName}), t.Text("report.until", chat.Args{"Day": t.FullDay(told.Today)})),
		chat.Lines(lines...),
	)
}

// team tells who works at the clinic and when they came.
func team(t *chat.Turn, told report.Report) chat.HTML {
	lines := []chat.HTML{t.Text("report.staff")}
	for _, role := range told.Staff {
		if role.Number > 0 {
			lines = append(lines, t.Text("report.staff_line", chat.Args{"Role": t.Text("role." + string(role.Role)), "Number": role.Number}))
		}
	}
	if len(lines) == 1 {
		lines = append(lines, t.Text("report.nobody"))
	}
	joined := byMonth(told.Months, func(i int) chat.HTML {
		if told.Joined[i] == 0 {
			return ""
		}
		return t.Text("report.month_staff", chat.Args{"Month": t.MonthOf(told.Months[i]), "Joined": told.Joined[i]})
	})
	if len(joined) > 0 {
		joined = append([]chat.HTML{t.Text("report.joined")}, joined...)
	}
	return chat.Paragraphs(chat.Lines(lines...), chat.Lines(joined...))
}

func (r *Room) channels(ctx context.Context, t *chat.Turn, told report.OfClinic) ([]chat.HTML, error) {
	if len(told.Channels) == 0 {
		return nil, nil
	}
	known, err := r.reference.Channels(ctx)
	if err != nil {
		return nil, err
	}
	lines := []chat.HTML{t.Text("report.channels")}
	for _, channel := range told.Channels[:min(shownLines, len(told.Channels))] {
		name := t.Plain("report.channel_none")
		if found, ok := known.ByID(channel.ID); ok {
			name = t.Choose(found.NameEN, found.NameAR)
		}
		lines = append(lines, t.Text("report.channel", chat.Args{
			"Channel": name, "Number": channel.Owners, "Share": (200*channel.Owners + told.Owners) / max(1, 2*told.Owners),
		}))
	}
	return lines, nil
}

// byMonth tells about the last months, the present one first.
func byMonth(months []time.Time, tell func(i int) chat.HTML) (lines []chat.HTML) {
	for i := len(months) - 1; i >= max(0, len(months)-shownMonths); i-- {
		if line := tell(i); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func owners(t *chat.Turn, count int) chat.HTML {
	return t.Text("report.owners", chat.Args{"Count": count})
}

func pets(t *chat.Turn, count int) chat.HTML { return t.Text("report.pets", chat.Args{"Count": count}) }

func times(t *chat.Turn, count int) chat.HTML {
	return t.Text("report.times", chat.Args{"Count": count})
}
