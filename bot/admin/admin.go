// Package admin is the platform team's side of the chat: clinics, their
// subscriptions, plans and the other lists. It never reaches owners or pets.
package admin

import (
	"context"
	"time"

	"vetalyze/bot/chat"
	"vetalyze/bot/form"
	"vetalyze/bot/overview"
	"vetalyze/internal/clock"
	"vetalyze/internal/dialog"
	"vetalyze/internal/reference"
	"vetalyze/internal/reminder"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

const (
	routeNewClinic  = "newclinic"
	routeOwnersLink = "ownerslink"
	routeClinics    = "clinics"
	routeExpiring   = overview.Route
	routeChanges    = "changes"
	routeTerms      = "terms"
	routePlans      = "plans"

	routeReport = "clinicreport" // another room's
)

// Config is what the room is made of.
type Config struct {
	Forms         *form.Engine
	Staff         *staff.Staff
	Subscriptions *subscription.Subscriptions
	Reminders     *reminder.Reminders
	Reference     *reference.Reference
	Clock         *clock.Clock
	Link          func(token string) string // the deep link of a token
	Zone          *time.Location            // where the platform's team is
}

// An Admin answers the platform's admins.
type Admin struct {
	forms         *form.Engine
	staff         *staff.Staff
	subscriptions *subscription.Subscriptions
	reminders     *reminder.Reminders
	reference     *reference.Reference
	clock         *clock.Clock
	link          func(token string) string
	zone          *time.Location
}

// New returns the room and makes its forms known to the engine.
func New(config Config) *Admin {
	a := &Admin{
		forms: config.Forms, staff: config.Staff, subscriptions: config.Subscriptions, reminders: config.Reminders,
		reference: config.Reference, clock: config.Clock, link: config.Link, zone: config.Zone,
	}
	for _, f := range []*form.Form{
		a.newClinic(), a.editClinic(), a.searchForm(), a.selling(), a.changeTerm(),
		a.planForm(), a.entryForm(), a.countryForm(),
	} {
		a.forms.Add(f)
	}
	return a
}

// Routes lists what can be asked of the room.
func (a *Admin) Routes() []chat.Route {
	return []chat.Route{
		{Name: routeClinics, Right: staff.RightManageClinics, Listed: true, Open: a.openClinics},
		{Name: routeNewClinic, Right: staff.RightManageClinics, Listed: true, Open: a.openNewClinic},
		{Name: routeExpiring, Right: staff.RightManageSubscriptions, Listed: true, Open: a.openExpiring},
		{Name: routeChanges, Right: staff.RightManageSubscriptions, Open: a.openChanges},
		{Name: routeTerms, Right: staff.RightManageSubscriptions, Open: a.openTerms},
		{Name: routePlans, Right: staff.RightManageReference, Listed: true, Open: a.openPlans},
		{Name: routeOwnersLink, Right: staff.RightManageClinics, Open: a.renewOwnersLink},
	}
}

func (a *Admin) openNewClinic(ctx context.Context, t *chat.Turn, _ string) error {
	return a.forms.Begin(ctx, t, "newclinic", dialog.NewAnswers())
}
