package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// serve runs the bot until it is told to stop.
type serve struct {
	telegramAPI `embed:""`
	limits      `embed:""`
	storage     `embed:""`
	cache       `embed:""`
	listener    `embed:""`
	timing      `embed:""`
	inspection  `embed:""`
	replication `embed:""`
	reminding   `embed:""`

	PublicURL string  `env:"PUBLIC_URL" name:"public-url" placeholder:"URL" help:"Where Telegram reaches this process: updates come by webhook to PUBLIC_URL/telegram. Empty: they are polled for."`
	AdminIDs  []int64 `env:"ADMIN_IDS" name:"admin-ids" sep:"," placeholder:"ID,…" help:"Telegram ids that are made platform admins at start."`
	TimeZone  string  `env:"TIMEZONE" name:"timezone" default:"Africa/Cairo" placeholder:"ZONE" help:"The platform team's time zone (${default}); every clinic has its own."`
}

// Validate says which setting is wrong and why.
func (s *serve) Validate() error {
	var zone error
	if _, err := time.LoadLocation(s.TimeZone); err != nil {
		zone = fmt.Errorf("TIMEZONE: %q is not a time zone, such as Africa/Cairo", s.TimeZone)
	}
	return errors.Join(
		s.telegramAPI.Validate(), s.limits.Validate(), s.storage.Validate(), s.cache.Validate(), s.listener.Validate(), s.timing.Validate(),
		s.inspection.Validate(), s.replication.Validate(), s.reminding.Validate(), zone, checkURL("PUBLIC_URL", s.PublicURL, "https", "http"))
}

// Run serves until ctx ends, then finishes what is in hand.
func (s *serve) Run(ctx context.Context) (err error) {
	logger := newLogger(slog.LevelInfo)
	address, stop, err := s.database(ctx, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return err
	}
	h, err := build(ctx, plan{
		databaseURL: address, replicaURL: s.DatabaseReplicaURL, redisURL: s.RedisURL, token: s.Token, apiURL: s.APIURL,
		limits: s.limits.limits(),
		admins: s.AdminIDs, zone: zone, slowQuery: s.SlowQuery, reminding: s.reminding.config(), clock: s.clock(), logger: logger,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	return s.answer(ctx, h)
}

// answer takes updates in, by webhook or by polling, and serves HTTP.
func (s *serve) answer(ctx context.Context, h *house) error {
	opened, err := s.listener.open(ctx)
	if err != nil {
		return err
	}
	mux := h.operations()
	group, ctx := errgroup.WithContext(ctx)
	if err := h.profile(ctx, group, s.inspection); err != nil {
		return errors.Join(err, opened.Close())
	}
	group.Go(func() error { return h.reminders.Run(ctx, h.post) })
	group.Go(func() error { h.db.Hear(ctx, h.tellHearing); return nil })
	if s.PublicURL == "" {
		group.Go(func() error {
			if err := h.api.UsePolling(ctx); err != nil && ctx.Err() == nil {
				return err
			}
			return h.intake.Poll(ctx)
		})
	} else {
		secret := h.api.WebhookSecret()
		mux.Handle("/telegram", h.intake.Webhook(secret))
		group.Go(func() error {
			err := h.api.UseWebhook(ctx, strings.TrimRight(s.PublicURL, "/")+"/telegram", secret)
			if err != nil && ctx.Err() == nil {
				return err
			}
			// Updates may be in hand by now even if it did not come to that: another instance has set the same webhook.
			<-ctx.Done()
			return h.drain()
		})
	}
	h.logger.InfoContext(ctx, "serving", "address", opened.Addr().String(), "webhook", s.PublicURL != "", "bot", h.api.Me().Username)
	serveHTTP(ctx, group, opened, mux, h.logger)
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	h.logger.Info("stopped")
	return nil
}

// tellHearing logs that changes by other processes are not heard, and why, or that they are.
func (h *house) tellHearing(err error) {
	if err != nil {
		h.logger.Warn("changes are not announced to this process; it asks the database each time", "error", err)
		return
	}
	h.logger.Info("changes are announced to this process")
}

// drain finishes what is in hand, within the ten seconds a shutdown may take.
func (h *house) drain() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return h.intake.Drain(ctx)
}

// healthz says whether the process does its work: it lives, and what is due to people goes out.
func (h *house) healthz(w http.ResponseWriter, r *http.Request) {
	if err := h.reminders.Health(r.Context()); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// operations answers those who run the process.
func (h *house) operations() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", h.healthz)
	mux.Handle("GET /readyz", h.ready)
	mux.Handle("GET /metrics", h.metricsHandler())
	return mux
}
