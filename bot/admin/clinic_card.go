package admin

import (
	"context"
	"errors"
	"strconv"

	"vetalyze/bot/chat"
	"vetalyze/bot/form"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

// onClinic does what a button on a clinic's card asks for. From is the list it was opened from.
func (a *Admin) onClinic(ctx context.Context, t *chat.Turn, action string, clinicID int64, from view) error {
	card, err := a.staff.ClinicCard(ctx, t.Speaker, clinicID)
	if errors.Is(err, staff.ErrNotFound) {
		return t.Decline(ctx, "admin.new_clinic.gone")
	}
	if err != nil {
		return err
	}
	switch action {
	case actCard:
		return a.showCard(ctx, t, card, from)
	case actEdit:
		return a.beginEditing(ctx, t, card)
	case actLink:
		return a.renewOwnersLink(ctx, t, strconv.FormatInt(clinicID, 10))
	case actTrace:
		return a.showTrace(ctx, t, card)
	case actDeactivate, actDelete:
		return a.askSure(ctx, t, card, action)
	case actDeactivateSure:
		return a.afterClinic(ctx, t, card, a.subscriptions.Deactivate(ctx, t.Speaker, clinicID), "admin.clinic.was_deactivated")
	case actReactivate:
		return a.afterClinic(ctx, t, card, a.subscriptions.Reactivate(ctx, t.Speaker, clinicID), "admin.clinic.was_reactivated")
	case actDeleteSure:
		return a.deleteClinic(ctx, t, card)
	}
	return t.Decline(ctx, "form.expired")
}

func (a *Admin) showCard(ctx context.Context, t *chat.Turn, card staff.ClinicCard, from view) error {
	screen, err := a.drawCard(ctx, t, card, from, "")
	if err != nil {
		return err
	}
	_, err = t.Show(ctx, screen)
	return err
}

// cardScreen is a clinic's card as it is now, under a notice.
func (a *Admin) cardScreen(ctx context.Context, t *chat.Turn, clinicID int64, notice string) (chat.Screen, error) {
	card, err := a.staff.ClinicCard(ctx, t.Speaker, clinicID)
	if err != nil {
		return chat.Screen{}, err
	}
	return a.drawCard(ctx, t, card, view{}, notice)
}

// departToCard ends a dialog with the clinic's card as it is now.
func (a *Admin) departToCard(ctx context.Context, t *chat.Turn, clinicID int64, notice string) error {
	screen, err := a.cardScreen(ctx, t, clinicID, notice)
	if err != nil {
		return err
	}
	return &form.Departure{Screen: screen}
}

func (a *Admin) drawCard(ctx context.Context, t *chat.Turn, card staff.ClinicCard, from view, notice string) (chat.Screen, error) {
	standing, err := a.subscriptions.CurrentOf(ctx, t.Speaker, card.ID)
	if err != nil {
		return chat.Screen{}, err
	}
	return chat.Screen{
		Text: chat.Paragraphs(said(t, notice),
			chat.Lines(
				t.Text("admin.clinic.title", chat.Args{"Name": card.Name}),
				aboutStanding(t, standing)),
			aboutPeople(t, card, standing),
			aboutPlace(t, card)),
		Rows: cardRows(t, card, standing, from),
	}, nil
}

// aboutStanding tells how a clinic stands and what it has bought.
func aboutStanding(t *chat.Turn, standing subscription.Standing) chat.HTML {
	lines := []chat.HTML{t.Text("standing." + string(standing.Status))}
	if standing.Current != nil {
		term := *standing.Current
		key := "admin.clinic.plan"
		if term.Status != subscription.Active {
			key = "admin.clinic.plan_status"
		}
		lines = append(lines, termLine(t, key, term))
		if term.DaysLeft > 0 {
			lines = append(lines, t.Text("admin.clinic.days", chat.Args{"Days": t.Text("age.days", chat.Args{"Count": term.DaysLeft})}))
		}
	}
	for _, term := range standing.Queue {
		lines = append(lines, termLine(t, "admin.clinic.next", term))
	}
	return chat.Lines(lines...)
}

// aboutPeople tells of the owner and of the staff against what was sold.
func aboutPeople(t *chat.Turn, card staff.ClinicCard, standing subscription.Standing) chat.HTML {
	owner := "admin.clinic.owner_invited"
	if card.OwnerJoined {
		owner = "admin.clinic.owner_joined"
	}
	places := "admin.clinic.staff"
	if len(standing.Terms) == 0 {
		places = "admin.clinic.staff_unsold"
	}
	return chat.Lines(
		t.Text(owner, chat.Args{"Owner": card.OwnerName}),
		phoneLine(t, card, card.OwnerPhone),
		phoneLine(t, card, card.SecondPhone),
		t.Text(places, chat.Args{"Taken": card.Taken(), "Allowed": standing.AccountsAllowed}),
		t.Text("admin.clinic.staff_parts", chat.Args{"Doctors": card.Doctors, "Receptionists": card.Receptionists, "Invited": card.Invited}))
}

func phoneLine(t *chat.Turn, card staff.ClinicCard, phone string) chat.HTML {
	if phone == "" {
		return ""
	}
	return t.Text("admin.clinic.phone", chat.Args{"Phone": chat.Code(registry.ShowPhone(phone, card.Country))})
}

// aboutPlace tells where a clinic is and how to reach it.
func aboutPlace(t *chat.Turn, card staff.ClinicCard) chat.HTML {
	lines := []chat.HTML{t.Text("admin.clinic.country", chat.Args{"Country": t.Choose(card.CountryEN, card.CountryAR), "Zone": card.TimeZone})}
	if card.Location != "" {
		lines = append(lines, t.Text("admin.clinic.location", chat.Args{"Location": card.Location}))
	}
	if card.Email != "" {
		lines = append(lines, t.Text("admin.clinic.email", chat.Args{"Email": card.Email}))
	}
	for _, link := range card.Links {
		lines = append(lines, t.Text("admin.clinic.link", chat.Args{"Link": link}))
	}
	lines = append(lines, t.Text("admin.clinic.since", chat.Args{"Day": t.ShortDay(card.CreatedAt.In(card.Zone()))}))
	return chat.Lines(lines...)
}

func cardRows(t *chat.Turn, card staff.ClinicCard, standing subscription.Standing, from view) [][]chat.Button {
	id := short(card.ID)
	of := func(key, action string) chat.Button {
		return chat.Button{Label: t.Plain("admin.clinic." + key), Data: chat.Data(routeClinics, action, id)}
	}
	closing := chat.Row(of("trace", actTrace), of("deactivate", actDeactivate))
	if card.Deactivated {
		closing = chat.Row(of("trace", actTrace), of("reactivate", actReactivate))
	}
	if len(standing.Terms) == 0 {
		closing = append(closing, of("delete", actDelete))
	}
	return [][]chat.Button{
		{
			{Label: t.Plain("admin.clinic.subscription"), Data: chat.Data(routeTerms, actClinic, id)},
			{Label: t.Plain("admin.clinic.history"), Data: chat.Data(routeTerms, actHistory, id)},
		},
		{
			{Label: t.Plain("admin.clinic.sell"), Data: chat.Data(routeTerms, actSell, id)},
			{Label: t.Plain("report.open"), Data: chat.Data(routeReport, id)},
		},
		{of("edit", actEdit), {Label: t.Plain("admin.new_clinic.renew_link"), Data: chat.Data(routeClinics, actLink, id)}},
		closing,
		{backToList(t, from)},
	}
}

// backToList leads back to what a card was opened from.
func backToList(t *chat.Turn, from view) chat.Button {
	if from.overview != "" {
		return chat.Button{Label: t.Plain("overview.back"), Data: routeExpiring + from.overview}
	}
	return chat.Button{Label: t.Plain("admin.clinics.back"), Data: chat.Data(routeClinics, actList, from.data())}
}

// askSure asks once more before a clinic is shut out or deleted.
func (a *Admin) askSure(ctx context.Context, t *chat.Turn, card staff.ClinicCard, action string) error {
	id := short(card.ID)
	_, err := t.Show(ctx, chat.Screen{
		Text: t.Text("admin.clinic.ask_"+action, chat.Args{"Name": card.Name}),
		Rows: [][]chat.Button{
			{{Label: t.Plain("admin.clinic." + action + "_sure"), Data: chat.Data(routeClinics, action+"_sure", id)}},
			{{Label: t.Plain("form.back"), Data: chat.Data(routeClinics, actCard, id)}},
		},
	})
	return err
}

// afterClinic tells how a change of a clinic went and shows the clinic as it is now.
func (a *Admin) afterClinic(ctx context.Context, t *chat.Turn, card staff.ClinicCard, err error, done string) error {
	if key := refusalKey(err); key != "" {
		return t.Decline(ctx, key)
	}
	if err != nil {
		return err
	}
	if err := t.Toast(ctx, t.Plain(done)); err != nil {
		return err
	}
	screen, err := a.cardScreen(ctx, t, card.ID, "")
	if err != nil {
		return err
	}
	_, err = t.Show(ctx, screen)
	return err
}

func (a *Admin) deleteClinic(ctx context.Context, t *chat.Turn, card staff.ClinicCard) error {
	err := a.subscriptions.Delete(ctx, t.Speaker, card.ID)
	if key := refusalKey(err); key != "" {
		return t.Decline(ctx, key)
	}
	if err != nil {
		return err
	}
	_, err = t.Show(ctx, chat.Screen{
		Text: t.Text("admin.clinic.was_deleted", chat.Args{"Name": card.Name}),
		Rows: [][]chat.Button{{{Label: t.Plain("admin.clinics.back"), Data: routeClinics}}},
	})
	return err
}
