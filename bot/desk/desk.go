// Package desk is the front desk in chat: registering owners with their pets and
// opening their cards. What may be registered is the registry's decision; this
// package asks, shows, and says in words what went wrong.
package desk

import (
	"context"
	"errors"
	"time"

	"vetalyze/bot/chat"
	"vetalyze/bot/form"
	"vetalyze/internal/clock"
	"vetalyze/internal/reference"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
)

// The desk's routes.
const (
	routeRegister = "register"
	routeAddPet   = "addpet"
	routeOwner    = "owner"
)

// A Desk answers those who work at a clinic's front desk.
type Desk struct {
	forms     *form.Engine
	registry  *registry.Registry
	reference *reference.Reference
	clock     *clock.Clock
}

// New returns a desk and makes its form known to the engine.
func New(forms *form.Engine, owners *registry.Registry, lists *reference.Reference, clock *clock.Clock) *Desk {
	d := &Desk{forms: forms, registry: owners, reference: lists, clock: clock}
	forms.Add(d.registration())
	return d
}

// Routes lists what can be asked of the desk.
func (d *Desk) Routes() []chat.Route {
	return []chat.Route{
		{Name: routeRegister, Right: staff.RightWriteRegistry, Listed: true, Open: d.openRegistration},
		{Name: routeAddPet, Right: staff.RightWriteRegistry, Open: d.openAddPet},
		{Name: routeOwner, Right: staff.RightReadRegistry, Open: d.openCard},
	}
}

// Find answers plain text outside a dialog: a code or a phone opens the card.
// It returns false for anything else.
func (d *Desk) Find(ctx context.Context, t *chat.Turn, typed string) (bool, error) {
	if code, err := registry.ParseCode(typed); err == nil {
		owner, err := d.registry.OwnerByCode(ctx, *t.Speaker.Member, code)
		if err == nil {
			return true, d.showCard(ctx, t, owner)
		}
		if !errors.Is(err, registry.ErrNotFound) {
			return false, err
		}
	}
	phone, err := registry.ParsePhone(typed, country(t))
	if err != nil {
		return false, nil
	}
	owners, err := d.registry.OwnersByPhone(ctx, *t.Speaker.Member, phone)
	if err != nil {
		return false, err
	}
	return true, d.showPhoneHits(ctx, t, phone, owners)
}

// explain tells the person what the registry found wrong with a request.
func (d *Desk) explain(ctx context.Context, t *chat.Turn, err error) error {
	if !errors.Is(err, registry.ErrNotFound) {
		return err
	}
	return t.Decline(ctx, "desk.not_found")
}

// today is the date at the speaker's clinic, as midnight UTC.
func (d *Desk) today(t *chat.Turn) time.Time { return d.clock.Today(t.Speaker.Member.Zone()) }

// country is the country whose phones are typed without a country code.
func country(t *chat.Turn) string { return t.Speaker.Member.Country }
