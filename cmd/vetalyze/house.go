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
	"vetalyze/internal/staff"
	"vetalyze/internal/telegram"
	"vetalyze/migrations"
)

// A house is the parts of a running Vetalyze, wired together.
type house struct {
	db        *db.DB
	redis     *redis.Client
	api       *telegram.Client
	staff     *staff.Staff
	reference *reference.Reference
	intake    *telegram.Intake
	metrics   *prometheus.Registry
	logger    *slog.Logger
	closers   []func() error // the last one opened closes first
}

// plan is what a house is built from.
type plan struct {
	databaseURL string
	redisURL    string // empty: one inside this process
	token       string
	apiURL      string
	admins      []int64
	zone        *time.Location // the platform's
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
	h.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
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
		Token: p.token, APIURL: p.apiURL, Redis: h.redis, Logger: p.logger, Metrics: transport,
	})
	if err != nil {
		return nil, err
	}
	chatBot, err := bot.New(bot.Config{
		API: h.api, DB: h.db, Staff: h.staff, Reference: h.reference,
		Clock: p.clock, Zone: p.zone, Logger: p.logger,
	})
	if err != nil {
		return nil, err
	}
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
	if h.db, err = db.Open(ctx, p.databaseURL); err != nil {
		return err
	}
	h.closers = append(h.closers, func() error { h.db.Close(); return nil })
	if p.redisURL == "" {
		server, err := embedded.Redis(ctx, embedded.Config{})
		if err != nil {
			return err
		}
		h.closers = append(h.closers, server.Stop)
		p.redisURL = server.URL()
	}
	options, err := redis.ParseURL(p.redisURL)
	if err != nil {
		return errors.New("REDIS_URL: not an address of a Redis")
	}
	// A Redis that is down must cost little: everything works without it.
	options.ContextTimeoutEnabled = true
	options.DialTimeout, options.MaxRetries = time.Second, 1
	redis.SetLogger(redisLogger{h.logger})
	h.redis = redis.NewClient(options)
	h.closers = append(h.closers, h.redis.Close)
	return nil
}

// redisLogger takes what the Redis client has to say about its connections; who
// needed Redis logs what came of it.
type redisLogger struct{ logger *slog.Logger }

func (l redisLogger) Printf(ctx context.Context, format string, arguments ...any) {
	l.logger.DebugContext(ctx, "redis client", "says", fmt.Sprintf(format, arguments...))
}

func (h *house) close() error {
	var errs []error
	for i := len(h.closers) - 1; i >= 0; i-- {
		errs = append(errs, h.closers[i]())
	}
	return errors.Join(errs...)
}
