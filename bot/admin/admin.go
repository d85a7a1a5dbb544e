// Package admin is the platform team's side of the chat: taking clinics in. It
// never reaches owners or pets.
package admin

import (
	"context"
	"time"

	"vetalyze/bot/chat"
	"vetalyze/bot/form"
	"vetalyze/internal/dialog"
	"vetalyze/internal/reference"
	"vetalyze/internal/staff"
)

const (
	routeNewClinic  = "newclinic"
	routeOwnersLink = "ownerslink"
)

// Config is what the room is made of.
type Config struct {
	Forms     *form.Engine
	Staff     *staff.Staff
	Reference *reference.Reference
	Link      func(token string) string // the deep link of a token
	Zone      *time.Location            // where the platform's team is
}

// An Admin answers the platform's admins.
type Admin struct {
	forms     *form.Engine
	staff     *staff.Staff
	reference *reference.Reference
	link      func(token string) string
	zone      *time.Location
}

// New returns the room and makes its forms known to the engine.
func New(config Config) *Admin {
	a := &Admin{forms: config.Forms, staff: config.Staff, reference: config.Reference, link: config.Link, zone: config.Zone}
	a.forms.Add(a.newClinic())
	return a
}

// Routes lists what can be asked of the room.
func (a *Admin) Routes() []chat.Route {
	return []chat.Route{
		{Name: routeNewClinic, Right: staff.RightManageClinics, Listed: true, Open: a.openNewClinic},
		{Name: routeOwnersLink, Right: staff.RightManageClinics, Open: a.renewOwnersLink},
	}
}

func (a *Admin) openNewClinic(ctx context.Context, t *chat.Turn, _ string) error {
	return a.forms.Begin(ctx, t, "newclinic", dialog.NewAnswers())
}
