package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/redis/go-redis/v9"

	"vetalyze/bot"
	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/embedded"
	"vetalyze/internal/reference"
	"vetalyze/internal/reminder"
	"vetalyze/internal/staff"
	"vetalyze/internal/telegram"
	"vetalyze/migrations"
)

// A house is the parts of a running Vetalyze, wired together.
type house struct {
	db        *db.DB
	redis     redis.UniversalClient
	api       *telegram.Client
	staff     *staff.Staff
	reference *reference.Reference
	reminders *reminder.Reminders
	post      reminder.Post
	intake    *telegram.Intake
	metrics   *prometheus.Registry
	ready     *dependencies
	logger    *slog.Logger
	closers   []func() error // the last one opened closes first
}

// plan is what a house is built from.
type plan struct {
	databaseURL string
	replicaURL  string // of the database, for lists and searches; empty: none
	redisURL    string // empty: one inside this process
	token       string
	apiURL      string
	limits      telegram.Limits // zero: Telegram's
	admins      []int64
	zone        *time.Location  // the platform's
	slowQuery   time.Duration   // from when on a query is logged; 0: none is
	reminding   reminder.Config // what operators may set of it
	clock       *clock.Clock
	logger      *slog.Logger
}

// build opens everything, in the order in which it is needed. What was opened is
// closed again when something fails.
func build(ctx context.Context, p plan) (_ *house, err error) {
	h := &house{logger: p.logger, metrics: prometheus.NewRegistry()}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	h.metrics.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), buildInfo())
	if err := h.openStores(ctx, p); err != nil {
		return nil, err
	}
	h.staff = staff.New(h.db, p.clock)
	if err := h.staff.EnsureAdmins(ctx, p.admins...); err != nil {
		return nil, err
	}
	h.reference = reference.New(h.db, h.redis, p.clock)
	transport := telegram.NewMetrics(h.metrics)
	h.api, err = telegram.NewClient(ctx, telegram.ClientConfig{
		Token: p.token, APIURL: p.apiURL, Limits: p.limits, Redis: h.redis, Logger: p.logger, Metrics: transport,
	})
	if err != nil {
		return nil, err
	}
	p.reminding.DB, p.reminding.Clock, p.reminding.Zone, p.reminding.Logger = h.db, p.clock, p.zone, p.logger
	p.reminding.Metrics = reminder.NewMetrics(h.metrics)
	h.reminders = reminder.New(p.reminding)
	reminder.Watch(h.metrics, h.reminders)
	if err := h.reminders.KeepZones(ctx); err != nil { // before anybody is let in
		return nil, err
	}
	chatBot, err := bot.New(bot.Config{
		API: h.api, DB: h.db, Staff: h.staff, Reference: h.reference, Reminders: h.reminders,
		Clock: p.clock, Zone: p.zone, Logger: p.logger,
	})
	if err != nil {
		return nil, err
	}
	h.post = chatBot.Post()
	h.ready = h.dependencies()
	h.metrics.MustRegister(h.ready)
	h.intake = telegram.NewIntake(telegram.IntakeConfig{
		Client: h.api, Handler: chatBot.Handle, Apologize: chatBot.Apologize, OnUnavailable: chatBot.Unavailable,
		Redis: h.redis, Logger: p.logger, Metrics: transport,
	})
	return h, nil
}

// openStores migrates and opens the database, and opens Redis.
func (h *house) openStores(ctx context.Context, p plan) (err error) {
	if err := migrations.Up(ctx, p.databaseURL); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	h.db, err = db.Open(ctx, p.databaseURL, db.Measured(db.NewMetrics(h.metrics)), db.LogSlow(p.logger, p.slowQuery),
		db.Replica(p.replicaURL, h.tellReplica))
	if err != nil {
		return err
	}
	h.closers = append(h.closers, func() error { h.db.Close(); return nil })
	h.measureReplica()
	if p.redisURL == "" {
		server, err := embedded.Redis(ctx, embedded.Config{})
		if err != nil {
			return err
		}
		h.closers = append(h.closers, server.Stop)
		p.redisURL = server.URL()
	}
	if h.redis, err = openRedis(p.redisURL, h.metrics, p.logger); err != nil {
		return err
	}
	h.closers = append(h.closers, h.redis.Close)
	return nil
}

func (h *house) close() error {
	var errs []error
	for i := len(h.closers) - 1; i >= 0; i-- {
		errs = append(errs, h.closers[i]())
	}
	return errors.Join(errs...)
}
