package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"vetalyze/internal/embedded"
	"vetalyze/internal/reminder"
	"vetalyze/internal/simulator"
)

// demoToken is the simulated bot's: it opens nothing anywhere else.
const demoToken = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"

// demo runs everything on this machine, with phones to chat on.
type demo struct {
	listener `embed:""`
	timing   `embed:""`
}

// Validate says which setting is wrong and why.
func (d *demo) Validate() error {
	if _, ok := d.socket(); ok {
		return fmt.Errorf("LISTEN: %q is not where a browser gets to; give the demo host:port, such as 127.0.0.1:8080", d.Listen)
	}
	return errors.Join(d.listener.Validate(), d.timing.Validate())
}

// Run shows the demo until ctx ends, and leaves nothing behind.
func (d *demo) Run(ctx context.Context) (err error) {
	logger := newLogger(slog.LevelWarn)
	opened, err := d.open(ctx)
	if err != nil {
		return err
	}
	database, err := embedded.PostgreSQL(ctx, embedded.Config{Fast: true, Logger: logger})
	if err != nil {
		return errors.Join(err, opened.Close())
	}
	defer func() { err = errors.Join(err, database.Stop()) }()

	now := d.clock()
	sim := simulator.New(simulator.Config{
		Token: demoToken, BotName: "Vetalyze", BotUsername: "vetalyze_bot", Clock: now,
	})
	group, ctx := errgroup.WithContext(ctx)
	var reminders atomic.Pointer[reminder.Reminders] // there as soon as the house is
	serveHTTP(ctx, group, opened, demoSite(sim, &reminders), logger)

	address := "http://" + opened.Addr().String()
	h, err := build(ctx, plan{
		databaseURL: database.URL(), token: demoToken, apiURL: address, zone: demoZone(), clock: now, logger: logger,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	reminders.Store(h.reminders)
	if err := furnish(ctx, h, now, sim); err != nil {
		return fmt.Errorf("furnish the demo: %w", err)
	}
	group.Go(func() error {
		defer sim.Close() // ends the pages' event streams, which the server would wait for
		return h.intake.Poll(ctx)
	})
	if err := openPhones(ctx, sim); err != nil {
		return err
	}
	group.Go(func() error { return h.reminders.Run(ctx, h.post) }) // with everybody there to get what is due
	group.Go(func() error { h.db.Hear(ctx, h.tellHearing); return nil })
	fmt.Printf("Vetalyze is at %s - Ctrl+C ends it.\n", address)
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// demoSite serves the phones, and the simulated Bot API behind them. The page's clock can be moved to the next reminder.
func demoSite(sim *simulator.Simulator, reminders *atomic.Pointer[reminder.Reminders]) http.Handler {
	var phones []simulator.Phone
	cast := slices.SortedFunc(slices.Values(demoCast), func(a, b demoPerson) int { return cmp.Compare(a.id, b.id) })
	for _, person := range cast {
		phones = append(phones, simulator.Phone{Person: person.id, Title: person.title, Subtitle: person.subtitle})
	}
	api := sim.Handler()
	mux := http.NewServeMux()
	mux.Handle("/", sim.Page(simulator.PageConfig{Title: "Vetalyze", Phones: phones, Zone: demoZone(), Next: &simulator.Next{
		Label: map[string]string{"en": "Next reminder", "ar": "التذكير التالي"},
		None:  map[string]string{"en": "No reminder is to come.", "ar": "لا تذكيرات قادمة."},
		At: func(ctx context.Context) (time.Time, bool, error) {
			if r := reminders.Load(); r != nil {
				return r.NextDue(ctx)
			}
			return time.Time{}, false, nil
		},
	}}))
	mux.Handle("/bot"+demoToken+"/", api)
	mux.Handle("/file/", api)
	return mux
}

// openPhones presses START for those who work with the bot already.
func openPhones(ctx context.Context, sim *simulator.Simulator) error {
	for _, person := range demoCast {
		if person.role != "" {
			sim.Person(person.id).Start("")
		}
	}
	return sim.Settled(ctx)
}

// demoZone is where the demo's clinics are.
func demoZone() *time.Location {
	zone, err := time.LoadLocation("Africa/Cairo")
	if err != nil {
		return time.UTC
	}
	return zone
}
