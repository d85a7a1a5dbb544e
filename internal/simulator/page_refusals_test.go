package simulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vetalyze/internal/clock"
)

func TestPageClock(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var now struct{ Now time.Time }
	s.get("/sim/clock", &now)
	if !now.Now.Equal(start) {
		t.Errorf("clock: %v, want %v", now.Now, start)
	}
	s.must("/sim/clock", `{"advance_seconds":3600}`)
	s.must("/sim/clock", `{"set":"2026-03-05T08:00:00Z"}`)
	want := []time.Time{start.Add(time.Hour), time.Date(2026, 3, 5, 8, 0, 0, 0, time.UTC)}
	if diff := cmp.Diff(want, s.moved); diff != "" {
		t.Errorf("moved to (-want +got):\n%s", diff)
	}
	for _, body := range []string{
		`{}`, `{"advance_seconds":-1}`, `{"advance_seconds":99999999999999}`, `{"set":"2026-03-01T00:00:00Z"}`, `{"set":"tomorrow"}`,
		`{"advance_seconds":1,"set":"2026-03-06T08:00:00Z"}`, `{"set":"2126-03-05T08:00:00Z"}`,
	} {
		if status, _ := s.post("/sim/clock", body); status != http.StatusBadRequest {
			t.Errorf("%s: %d, want 400", body, status)
		}
	}
	if got := s.Clock().Now(); !got.Equal(want[1]) {
		t.Errorf("a refused request moved the clock to %v", got)
	}
}

func TestPageRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const send, hello = "/sim/phones/11/send", `{"text":"Hello"}`
	before := len(s.amina.Chat())
	for name, test := range map[string]struct {
		path, body string
		change     func(*http.Request)
		want       int
	}{
		"another site":        {send, hello, func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, 403},
		"another site, new":   {send, hello, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403},
		"an opaque origin":    {send, hello, func(r *http.Request) { r.Header.Set("Origin", "null") }, 403},
		"a form":              {send, hello, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, 415},
		"no type":             {send, hello, func(r *http.Request) { r.Header.Del("Content-Type") }, 415},
		"not JSON":            {send, `{"text":`, nil, 400},
		"two values":          {send, hello + hello, nil, 400},
		"an unknown field":    {send, `{"text":"a","chat":1}`, nil, 400},
		"too large":           {send, `{"text":"` + strings.Repeat("a", 70<<10) + `"}`, nil, 413},
		"blank":               {send, `{"text":" \n "}`, nil, 400},
		"no such phone":       {"/sim/phones/99/send", hello, nil, 404},
		"a hidden phone":      {"/sim/phones/13/send", hello, nil, 404},
		"contact, no name":    {"/sim/phones/11/contact", `{"phone":"1"}`, nil, 400},
		"contact, no number":  {"/sim/phones/11/contact", `{"first_name":"A"}`, nil, 400},
		"sticker, none":       {"/sim/phones/11/sticker", `{}`, nil, 400},
		"photo, not a form":   {"/sim/phones/11/photo", hello, nil, 415},
		"edit, not hers":      {"/sim/phones/11/edit", `{"message_id":999,"text":"x"}`, nil, 409},
		"delete, not there":   {"/sim/phones/11/delete", `{"message_id":999}`, nil, 409},
		"press, no keyboard":  {"/sim/phones/11/press", hello, nil, 409},
		"clock, another site": {"/sim/clock", `{"advance_seconds":60}`, func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, 403},
	} {
		change := test.change
		if change == nil {
			change = func(*http.Request) {}
		}
		if status, reason := s.post(test.path, test.body, change); status != test.want || reason == "" {
			t.Errorf("%s: %d %q, want %d with a reason", name, status, reason, test.want)
		}
	}
	if got := len(s.amina.Chat()); got != before {
		t.Errorf("refused requests left %d messages", got-before)
	}
	if got := s.do("PUT", send, "application/json", hello).StatusCode; got != http.StatusMethodNotAllowed {
		t.Errorf("PUT: %d", got)
	}
	if !s.Clock().Now().Equal(clock.At(start).Now()) {
		t.Error("a refused request moved the clock")
	}
}
