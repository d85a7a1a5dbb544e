package bot_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"vetalyze/internal/embedded"
	"vetalyze/internal/embedded/pgtest"
)

// TestDatabaseDown stops PostgreSQL while Sara registers an owner. She is told
// once that it takes a while; what she typed is handled when it is back.
func TestDatabaseDown(t *testing.T) {
	t.Parallel()
	server, database := pgtest.Private(t)
	s := newStageOn(t, database, nil)
	sara := s.person(t, "Sara")
	sara.Send("/register")
	s.settle(t)

	must(t, server.Stop())
	sara.Send("Ahmed Ali")
	s.await(t, "the sentence about the outage", func() bool { return strings.Contains(s.lastText("Sara"), "Nothing is lost") })
	sara.Send("0100 123 4567")
	must(t, server.Start(t.Context()))
	s.settle(t)

	if got := s.lastText("Sara"); !strings.Contains(got, "Ahmed Ali") || !strings.Contains(got, "pet's name") {
		t.Errorf("the dialog did not go on after the outage; the last message is:\n%s", got)
	}
	if told := s.countTexts("Sara", "Nothing is lost"); told != 1 {
		t.Errorf("Sara was told %d times about one outage, want once", told)
	}
}

// TestRedisDown stops Redis while Sara registers an owner: she notices nothing.
func TestRedisDown(t *testing.T) {
	t.Parallel()
	server, err := embedded.Redis(t.Context(), embedded.Config{})
	must(t, err)
	t.Cleanup(func() { must(t, server.Stop()) })
	options, err := redis.ParseURL(server.URL())
	must(t, err)
	options.ContextTimeoutEnabled, options.MaxRetries, options.DialTimeout = true, 1, time.Second
	client := redis.NewClient(options)
	t.Cleanup(func() { must(t, client.Close()) })

	s := newStageOn(t, pgtest.New(t), client)
	sara := s.person(t, "Sara")
	sara.Send("/register")
	s.settle(t)
	must(t, server.Stop())
	for _, text := range []string{"Ahmed Ali", "0100 123 4567", "Rex dog 2y"} {
		sara.Send(text)
		s.settle(t)
	}
	must(t, server.Start())
	must(t, sara.Tap("✅ Save"))
	s.settle(t)
	if got := s.lastText("Sara"); !strings.Contains(got, "Registered") || !strings.Contains(got, "Rex") {
		t.Errorf("the registration did not get through without Redis; the last message is:\n%s", got)
	}
}

// await waits until something is true on the screens.
func (s *stage) await(t *testing.T, what string, happened func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for !happened() {
		_, _, _, changed := s.sim.Events(0)
		if happened() {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func (s *stage) lastText(name string) string {
	last, _ := s.people[name].Last()
	return plain(last.Text)
}

func (s *stage) countTexts(name, part string) (n int) {
	for _, message := range s.people[name].Chat() {
		if strings.Contains(message.Text, part) {
			n++
		}
	}
	return n
}
