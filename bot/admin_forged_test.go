package bot_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"vetalyze/internal/trail"
)

// A logbook keeps what the bot logs, for a test to read.
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

// TestForgedAdminButtons has a receptionist and a clinic owner press every button of the admin's room: each is refused
// and logged, with ids only, and nothing is done.
func TestForgedAdminButtons(t *testing.T) {
	t.Parallel()
	log := &logbook{}
	s := newStageWith(t, slog.New(trail.Handler(slog.NewTextHandler(log, nil))))
	state := "SELECT (SELECT sum(version) FROM subscriptions)::int + (SELECT sum(version) FROM plans)::int + (SELECT sum(version) FROM clinics)::int"
	var before, after int
	must(t, s.db.Platform().QueryRow(t.Context(), state).Scan(&before))
	for _, name := range []string{"Sara", "Mona"} {
		person := s.person(t, name)
		for _, data := range []string{
			"clinics", "clinics:list:::", "clinics:card:1", "clinics:edit:1", "clinics:link:1", "clinics:deactivate_sure:1",
			"clinics:reactivate:1", "clinics:delete_sure:1", "terms:clinic:1", "terms:term:1:1", "terms:sell:1", "terms:history:1",
			"terms:suspend:1:1", "terms:resume:1:1", "terms:refund:1:1", "terms:extend:1:1", "terms:cancel:1:1",
			"plans", "plans:add:plans", "plans:retire_sure:plans:1", "plans:restore:plans:1", "expiring", "expiring:2", "expiring:3.7de.1",
			"expiring:all", "clinics:card:1:o:2", "clinics:trace:1", "changes:2026-03", "newclinic",
		} {
			last, _ := person.Last()
			must(t, person.TapData(last.ID, data))
			s.settle(t)
			toasts := person.Toasts()
			if len(toasts) == 0 || !strings.Contains(toasts[len(toasts)-1].Text, "Your role here does not include this") {
				t.Errorf("%s gets through with %s", name, data)
			}
			route, _, _ := strings.Cut(data, ":")
			if want := fmt.Sprintf("chat=%d", person.ID); !strings.Contains(log.String(), want) || !strings.Contains(log.String(), "button "+route) {
				t.Errorf("%s of %s is not logged", data, name)
			}
		}
	}
	must(t, s.db.Platform().QueryRow(t.Context(), state).Scan(&after))
	if before != after {
		t.Errorf("something was changed: %d, then %d", before, after)
	}
	for _, secret := range []string{"Happy Paws", "Sara", "Mona", "+2010"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log names %s", secret)
		}
	}
}
