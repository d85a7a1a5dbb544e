package db_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"vetalyze/db"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/trail"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	database, err := db.Open(t.Context(), pgtest.URL(t), db.Conns(1, 1), db.Measured(db.NewMetrics(registry)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(database.Close)
	scope := database.Clinic(1)
	if _, err := db.New().SpeciesList(t.Context(), scope); err != nil {
		t.Fatal(err)
	}
	if _, err := scope.Exec(t.Context(), "SELECT 1/0"); err == nil {
		t.Fatal("dividing by zero went well")
	}
	wantMetrics(t, registry,
		`db_query_seconds_count{outcome="ok",query="SpeciesList"} 1`,
		`db_query_seconds_count{outcome="refused",query="select"} 1`,
	)

	waited := make(chan error)
	err = scope.InTx(t.Context(), func(db.Tx) error {
		go func() {
			_, err := scope.Exec(t.Context(), "SELECT 1")
			waited <- err
		}()
		for !strings.Contains(exposition(t, registry), `db_pool_waiting{pool="clinic"} 1`) {
			if t.Context().Err() != nil {
				return t.Context().Err()
			}
			runtime.Gosched()
		}
		wantMetrics(t, registry,
			`db_pool_connections{pool="clinic",state="in_use"} 1`,
			`db_pool_connections{pool="platform",state="in_use"} 0`,
			`db_pool_connections_most{pool="clinic"} 1`,
			`db_pool_waiting{pool="platform"} 0`,
		)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-waited; err != nil {
		t.Fatal(err)
	}
	wantMetrics(t, registry, `db_pool_waiting{pool="clinic"} 0`)
	if text := exposition(t, registry); strings.Contains(text, `db_pool_waits_total{pool="clinic"} 0`) || !strings.Contains(text, `db_pool_waits_total{pool="clinic"}`) {
		t.Error("the wait is not counted")
	}
}

func wantMetrics(t *testing.T, registry *prometheus.Registry, lines ...string) {
	t.Helper()
	text := exposition(t, registry)
	for _, line := range lines {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("the metrics lack %s", line)
		}
	}
}

// exposition is what Prometheus would read.
func exposition(t *testing.T, registry *prometheus.Registry) string {
	t.Helper()
	response := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(response, httptest.NewRequest("GET", "/metrics", nil))
	return response.Body.String()
}

// TestSlowQueriesAreLogged by name and with the update they were for, never with what they were given.
func TestSlowQueriesAreLogged(t *testing.T) {
	t.Parallel()
	const secret = "Ahmed Ali"
	for _, test := range []struct {
		name  string
		least time.Duration
		want  bool
	}{
		{"off", 0, false},
		{"above the threshold", time.Nanosecond, true},
		{"below it", time.Hour, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			logger := slog.New(trail.Handler(slog.NewTextHandler(&log, nil)))
			database, err := db.Open(t.Context(), pgtest.URL(t), db.LogSlow(logger, test.least))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(database.Close)
			log.Reset()
			ctx := trail.With(context.Background(), &trail.Update{ID: 77, Chat: 9})
			if _, err := database.Clinic(1).Exec(ctx, "-- name: OwnerFind :one\nSELECT $1::text", secret); err != nil {
				t.Fatal(err)
			}
			got := log.String()
			if logged := strings.Contains(got, `msg="slow query" query=OwnerFind outcome=ok ms=`) && strings.Contains(got, "update=77 chat=9"); logged != test.want {
				t.Errorf("logged: %v, want %v: %q", logged, test.want, got)
			}
			if strings.Contains(got, secret) || !test.want && got != "" {
				t.Errorf("the log says too much: %q", got)
			}
		})
	}
}
