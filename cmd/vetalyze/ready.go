package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// readyTimeout is how long a dependency may take to say that it is there.
const readyTimeout = 2 * time.Second

// A dependency is something this process needs and does not hold.
type dependency struct {
	name string
	// required: without it no update can be handled.
	required bool
	ask      func(context.Context) error
}

// dependencies are asked when somebody wants to know (/readyz, /metrics), and never otherwise. Their going and coming is
// logged once, by whoever finds out first.
type dependencies struct {
	list   []dependency
	logger *slog.Logger

	mu   sync.Mutex // guards away
	away map[string]bool
}

// dependencies of a house. Without Redis everything works, alone; without Telegram there is nothing to handle, and taking
// the process out of service would not bring it back; for a replica PostgreSQL answers.
func (h *house) dependencies() *dependencies {
	all := &dependencies{logger: h.logger, away: map[string]bool{}, list: []dependency{
		{"postgresql", true, h.db.Ping},
		{"redis", false, func(ctx context.Context) error { return h.redis.Ping(ctx).Err() }},
		{"telegram", false, h.api.Answers},
	}}
	if _, ok := h.db.ReplicaReads(); ok {
		all.list = append(all.list, dependency{"replica", false, h.db.PingReplica})
	}
	return all
}

// condition is what /readyz says of a dependency. Addresses and accounts, which errors name, are for the log alone.
type condition struct {
	Up       bool   `json:"up"`
	Required bool   `json:"required"`
	Reason   string `json:"reason,omitempty"`
}

// readiness is the answer of /readyz.
type readiness struct {
	Ready        bool                 `json:"ready"`
	Down         []string             `json:"down"`
	Dependencies map[string]condition `json:"dependencies"`
}

// look asks all dependencies at the same time.
func (d *dependencies) look(ctx context.Context) readiness {
	asking, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	errs := make([]error, len(d.list))
	var all sync.WaitGroup
	for i, dep := range d.list {
		all.Go(func() { errs[i] = dep.ask(asking) })
	}
	all.Wait()

	found := readiness{Ready: true, Down: []string{}, Dependencies: map[string]condition{}}
	for i, dep := range d.list {
		state := condition{Up: errs[i] == nil, Required: dep.required}
		if !state.Up {
			state.Reason = reasonOf(errs[i])
			found.Down = append(found.Down, dep.name)
			found.Ready = found.Ready && !dep.required
		}
		found.Dependencies[dep.name] = state
		if ctx.Err() == nil { // who asked has not gone: then the answers say nothing
			d.note(ctx, dep.name, errs[i])
		}
	}
	return found
}

// reasonOf says in a word or two why a dependency is down.
func reasonOf(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("no answer within %v", readyTimeout)
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOENT): // a port, a socket
		return "nobody listens there"
	}
	return "fails; the log says how"
}

// note logs what has changed since somebody looked.
func (d *dependencies) note(ctx context.Context, name string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch away := err != nil; {
	case away == d.away[name]:
		return
	case away:
		d.logger.ErrorContext(ctx, "dependency is down", "dependency", name, "error", err)
	default:
		d.logger.InfoContext(ctx, "dependency is back", "dependency", name)
	}
	d.away[name] = err != nil
}

// ServeHTTP answers /readyz: 200 while updates can be handled, 503 otherwise, and what is down.
func (d *dependencies) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found := d.look(r.Context())
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !found.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	answer := json.NewEncoder(w)
	answer.SetIndent("", "  ")
	_ = answer.Encode(found) // the caller has gone
}

var dependencyUp = prometheus.NewDesc("vetalyze_dependency_up", "1 while a dependency answers, as in /readyz.", []string{"dependency"}, nil)

// Describe names the metric.
func (d *dependencies) Describe(descs chan<- *prometheus.Desc) { descs <- dependencyUp }

// Collect looks.
func (d *dependencies) Collect(metrics chan<- prometheus.Metric) {
	for name, state := range d.look(context.Background()).Dependencies {
		up := 0.0
		if state.Up {
			up = 1
		}
		metrics <- prometheus.MustNewConstMetric(dependencyUp, prometheus.GaugeValue, up, name)
	}
}
