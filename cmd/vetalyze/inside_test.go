package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vetalyze/internal/clock"
	"vetalyze/internal/embedded"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/simulator"
	"vetalyze/internal/trail"
)

// An openHouse is a house in this process, polling, with what it stands on in a test's hands.
type openHouse struct {
	*house
	*program // the simulator and the database; no process
	api      *httptest.Server
	redis    *embedded.RedisServer
	log      *logbook
}

// A logbook keeps what is logged, for a test to read.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logbook) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Reset()
}

// newOpenHouse opens a house on a database, logging as serve does.
func newOpenHouse(t *testing.T, databaseURL string, slowQuery time.Duration) *openHouse {
	t.Helper()
	sim := simulator.New(simulator.Config{
		Token: demoToken, BotName: "Vetalyze", BotUsername: "vetalyze_bot", Clock: clock.System(),
		Limits: simulator.Limits{Off: true},
	})
	t.Cleanup(sim.Close)
	o := &openHouse{program: &program{t: t, sim: sim, url: databaseURL}, log: &logbook{}}
	o.api = httptest.NewServer(sim.Handler())
	t.Cleanup(o.api.Close)
	var err error
	o.redis, err = embedded.Redis(t.Context(), embedded.Config{})
	o.must(err)
	t.Cleanup(func() { _ = o.redis.Stop() })
	o.house, err = build(t.Context(), plan{
		databaseURL: databaseURL, redisURL: o.redis.URL(), token: demoToken, apiURL: o.api.URL, zone: time.UTC,
		clock: clock.System(), slowQuery: slowQuery,
		logger: slog.New(trail.Handler(slog.NewJSONHandler(o.log, nil))),
	})
	o.must(err)
	ctx, stop := context.WithCancel(context.Background())
	polled := make(chan error, 1)
	go func() { polled <- o.intake.Poll(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-polled; err != nil {
			t.Error(err)
		}
		if err := o.house.close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

// get asks one of the operators' paths.
func (o *openHouse) get(path string) (status int, body string) {
	o.t.Helper()
	response := httptest.NewRecorder()
	o.operations().ServeHTTP(response, httptest.NewRequest(http.MethodGet, path, nil))
	text, err := io.ReadAll(response.Body)
	o.must(err)
	return response.Code, string(text)
}

// TestLogOfAnUpdate has updates handled in every way that is logged: each line carries the update's id and its chat's, and
// nothing that is a person's or a secret.
func TestLogOfAnUpdate(t *testing.T) {
	t.Parallel()
	o := newOpenHouse(t, pgtest.URL(t), time.Nanosecond) // every query is slow
	receptionist := o.receptionist()
	say := func(text string) {
		receptionist.Send(text)
		o.settle()
	}
	receptionist.Start("")
	o.settle()
	o.log.reset() // of what was done before the first update

	say("/register Ahmed Ali, 0100 123 4567; Rex dog 2y")
	say("Ahmed")
	say("/newclinic")
	receptionist.Start("wrongwrongwrongwrongwr")
	o.settle()
	o.sim.Fail(simulator.Fault{Method: "sendMessage", Kind: simulator.Refuse{Code: 400, Description: "Bad Request: no"}, Times: 3})
	say("Rex")
	o.sim.Fail(simulator.Fault{Method: "sendMessage", Kind: simulator.ServerError{}, Times: 1})
	say("0100 123 4567")
	o.must(o.redis.Stop())
	say("/owners")

	told := map[string]bool{}
	for line := range strings.Lines(o.log.String()) {
		var entry struct {
			Message      string `json:"msg"`
			Update, Chat int64
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("not JSON: %s", line)
		}
		told[entry.Message] = true
		if entry.Update == 0 || entry.Chat != receptionist.ID {
			t.Errorf("whose is this line? %s", line)
		}
		for _, secret := range []string{
			"Ahmed", "Ali", "1234567", "123 4567", "Rex", "Sara", "Happy Paws", "20100111", "wrongwrong", demoToken,
		} {
			if strings.Contains(line, secret) {
				t.Errorf("the log gives %q away: %s", secret, line)
			}
		}
	}
	for _, want := range []string{
		"slow query", "refused by role", "token refused", "update failed", "update let go",
		"update waits for something that is down",
		"redis does not answer: limits, order and duplicates are kept in this process alone",
	} {
		if !told[want] {
			t.Errorf("the log does not tell of %q", want)
		}
	}
}

// TestReady stops what the house stands on, piece by piece, and reads what /readyz says.
func TestReady(t *testing.T) {
	t.Parallel()
	postgres, _ := pgtest.Private(t)
	o := newOpenHouse(t, postgres.URL(), 0)
	// The bot finds out about Telegram by its own calls.
	call := func() {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _ = o.house.api.GetMe(ctx) // fails while Telegram is away
	}
	var lift func()
	const nobody = "nobody listens there"
	for _, step := range []struct {
		name   string
		do     func()
		status int
		down   []string
		reason string // of the first; empty: whatever it is
	}{
		{"all is there", func() {}, 200, []string{}, ""},
		{"Redis stops", func() { o.must(o.redis.Stop()) }, 200, []string{"redis"}, nobody},
		{
			"Telegram, too", func() {
				lift = o.sim.Fail(simulator.Fault{Method: "getMe", Kind: simulator.Drop{}, Times: -1})
				call()
			}, 200, []string{"redis", "telegram"}, nobody,
		},
		{"Telegram is back", func() { lift(); call() }, 200, []string{"redis"}, nobody},
		{"PostgreSQL stops", func() { o.must(postgres.Stop()) }, 503, []string{"postgresql", "redis"}, ""},
		{"Redis is back", func() { o.must(o.redis.Start()) }, 503, []string{"postgresql"}, nobody},
		{"PostgreSQL is back", func() { o.must(postgres.Start(t.Context())) }, 200, []string{}, ""},
	} {
		step.do()
		status, body := o.get("/readyz")
		var got readiness
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatalf("%s: not JSON: %s", step.name, body)
		}
		if status != step.status || got.Ready != (step.status == 200) || !slices.Equal(got.Down, step.down) {
			t.Errorf("%s: %d %s", step.name, status, body)
		}
		if len(got.Dependencies) != 3 {
			t.Errorf("%s: tells of %d dependencies, want 3", step.name, len(got.Dependencies))
		}
		if _, metrics := o.get("/metrics"); strings.Contains(metrics, `vetalyze_dependency_up{dependency="postgresql"} 1`) != (status == 200) {
			t.Errorf("%s: the metrics say something else than /readyz", step.name)
		}
		if len(step.down) == 0 {
			continue
		}
		if reason := got.Dependencies[step.down[0]].Reason; reason == "" || step.reason != "" && reason != step.reason {
			t.Errorf("%s: the reason is not %q: %s", step.name, step.reason, body)
		}
	}
	for _, want := range []string{
		`"msg":"dependency is down","dependency":"redis"`, `"msg":"dependency is back","dependency":"redis"`,
		`"msg":"dependency is down","dependency":"postgresql"`, `"msg":"dependency is down","dependency":"telegram"`,
	} {
		if n := strings.Count(o.log.String(), want); n != 1 {
			t.Errorf("the log says %s %d times, want once", want, n)
		}
	}
	if status, _ := o.get("/healthz"); status != http.StatusOK {
		t.Errorf("/healthz answers %d", status)
	}
}
