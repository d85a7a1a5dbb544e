package simulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"vetalyze/internal/simulator"
)

// TestPageMovesToWhatComesNext moves the clock to what the page is told is next, and says why it cannot.
func TestPageMovesToWhatComesNext(t *testing.T) {
	t.Parallel()
	s := &site{world: newWorld(t)}
	var at time.Time
	var there bool
	var failure error
	s.page = s.Page(simulator.PageConfig{Title: "Demo", Next: &simulator.Next{
		Label: map[string]string{"en": "Next bell"}, None: map[string]string{"en": "No bell"},
		At: func(context.Context) (time.Time, bool, error) { return at, there, failure },
	}})
	next := func() (int, string) { return s.post("/sim/clock", `{"next":true}`) }

	began := s.Clock().Now()
	if status, _ := next(); status != http.StatusNotFound {
		t.Errorf("nothing to come: %d", status)
	}
	there, at = true, began.Add(26*time.Hour)
	if status, reason := next(); status != http.StatusOK || !s.Clock().Now().Equal(at) {
		t.Errorf("%d %s: it is %s, want %s", status, reason, s.Clock().Now(), at)
	}
	at = began // is due already
	if status, reason := next(); status != http.StatusOK || s.Clock().Now().Before(began.Add(26*time.Hour)) {
		t.Errorf("%d %s: the clock went back to %s", status, reason, s.Clock().Now())
	}
	failure = errors.New("secret cause")
	if status, reason := next(); status != http.StatusInternalServerError || reason == failure.Error() {
		t.Errorf("what is not known: %d %s", status, reason)
	}
	for _, body := range []string{`{"next":true,"advance_seconds":60}`, `{"next":true,"set":"2030-01-01T00:00:00Z"}`} {
		if status, _ := s.post("/sim/clock", body); status != http.StatusBadRequest {
			t.Errorf("%s: %d", body, status)
		}
	}
	var about struct {
		Next *struct{ Label, None map[string]string }
	}
	if err := json.NewDecoder(s.do("GET", "/sim/page", "", "").Body).Decode(&about); err != nil || about.Next == nil || about.Next.Label["en"] != "Next bell" {
		t.Errorf("the page is told %+v, %v", about.Next, err)
	}
	if status, _ := newSite(t).post("/sim/clock", `{"next":true}`); status != http.StatusBadRequest {
		t.Errorf("a page without: %d", status)
	}
}
