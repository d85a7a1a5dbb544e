// Package desk is the front desk in chat: registering owners with their pets,
// finding them again, their cards, and what is changed from those. What may be
// done is the registry's decision; this package asks, shows, and says in words
// what went wrong.
package desk

import (
	"context"
	"errors"
	"log/slog"
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
	routeSearch   = "search"
	routeOwners   = "owners"
	routeHits     = "find"   // a page of a search
	routeHit      = "hit"    // an owner found
	routeListed   = "listed" // an owner on the list
	routeAddPet   = "addpet"
	routeOwner    = "owner"
	routeMerge    = "merge"
	routeUnmerge  = "unmerge"
	routePet      = "pet"
	routePhoto    = "photo"
	routeChange   = "change"
	routeHistory  = "history"
	routeDelete   = "delete"
	routeUndo     = "undo"
	routeExport   = "export"
)

// A Desk answers those who work at a clinic's front desk.
type Desk struct {
	forms     *form.Engine
	registry  *registry.Registry
	reference *reference.Reference
	clock     *clock.Clock
	log       *slog.Logger
	exports   chan struct{} // holds one for each file that is being made
}

// Config is what a desk is made of.
type Config struct {
	Forms     *form.Engine
	Registry  *registry.Registry
	Reference *reference.Reference
	Clock     *clock.Clock
	Logger    *slog.Logger
}

// New returns a desk and makes its forms known to the engine.
func New(config Config) *Desk {
	forms := config.Forms
	d := &Desk{
		forms: forms, registry: config.Registry, reference: config.Reference, clock: config.Clock, log: config.Logger,
		exports: make(chan struct{}, exportsAtOnce),
	}
	forms.Add(d.registration())
	forms.Add(d.merging())
	forms.Add(d.changes())
	return d
}

// Routes lists what can be asked of the desk.
func (d *Desk) Routes() []chat.Route {
	return []chat.Route{
		{Name: routeRegister, Right: staff.RightWriteRegistry, Listed: true, Open: d.openRegistration},
		{Name: routeSearch, Right: staff.RightReadRegistry, Listed: true, Open: d.openSearch},
		{Name: routeOwners, Right: staff.RightReadRegistry, Listed: true, Open: d.openOwners},
		{Name: routeHits, Right: staff.RightReadRegistry, Open: d.openHits},
		{Name: routeHit, Right: staff.RightReadRegistry, Open: d.openHit},
		{Name: routeListed, Right: staff.RightReadRegistry, Open: d.openListed},
		{Name: routeAddPet, Right: staff.RightWriteRegistry, Open: d.openAddPet},
		{Name: routeOwner, Right: staff.RightReadRegistry, Open: d.openCard},
		{Name: routeMerge, Right: staff.RightWriteRegistry, Open: d.openMerge},
		{Name: routeUnmerge, Right: staff.RightWriteRegistry, Open: d.openUnmerge},
		{Name: routePet, Right: staff.RightReadRegistry, Open: d.openPet},
		{Name: routePhoto, Right: staff.RightReadRegistry, Open: d.openPhoto},
		{Name: routeChange, Right: staff.RightWriteRegistry, Open: d.openChange},
		{Name: routeHistory, Right: staff.RightDeleteFromRegistry, Open: d.openHistory},
		{Name: routeDelete, Right: staff.RightDeleteFromRegistry, Open: d.openDelete},
		{Name: routeExport, Right: staff.RightExportRegistry, Listed: true, Open: d.openExport},
		{Name: routeUndo, Right: staff.RightDeleteFromRegistry, Open: d.openUndo},
	}
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
