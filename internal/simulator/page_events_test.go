package simulator_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vetalyze/internal/simulator"
)

// stream is an open connection for events.
type stream struct {
	t      *testing.T
	lines  *bufio.Scanner
	lastID string
	close  func()
}

type eventJSON struct {
	Type      string
	Phone     int64
	MessageID int `json:"message_id"`
	Message   *struct{ Text, HTML string }
	Text      string
	Alert     bool
	Action    string
	Blocked   bool
	Now       time.Time
	Commands  []simulator.Command
	Keyboard  *struct{ OneTime bool } `json:"reply_keyboard"`
}

func listen(t *testing.T, server *httptest.Server, lastID, after string) *stream {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	request, err := http.NewRequestWithContext(ctx, "GET", server.URL+"/sim/events?after="+after, nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastID != "" {
		request.Header.Set("Last-Event-ID", lastID)
	}
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if kind := response.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/event-stream") {
		t.Fatalf("events come as %q", kind)
	}
	s := &stream{t: t, lines: bufio.NewScanner(response.Body), close: func() { cancel(); response.Body.Close() }}
	s.lines.Buffer(nil, 1<<20)
	t.Cleanup(s.close)
	return s
}

// next returns the next event.
func (s *stream) next() eventJSON {
	s.t.Helper()
	for s.lines.Scan() {
		if id, ok := strings.CutPrefix(s.lines.Text(), "id: "); ok {
			s.lastID = id
		}
		if data, ok := strings.CutPrefix(s.lines.Text(), "data: "); ok {
			var e eventJSON
			if err := json.Unmarshal([]byte(data), &e); err != nil {
				s.t.Fatalf("event %q: %v", data, err)
			}
			return e
		}
	}
	s.t.Fatalf("the stream ended: %v", s.lines.Err())
	return eventJSON{}
}

// until skips to the next event of a type.
func (s *stream) until(kind string) eventJSON {
	s.t.Helper()
	for {
		if e := s.next(); e.Type == kind {
			return e
		}
	}
}

func serve(t *testing.T, page http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(page)
	t.Cleanup(server.Close)
	return server
}

func TestEventsTellWhatHappens(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	events := listen(t, serve(t, s.page), "", "")
	if e := events.next(); e.Type != "hello" || !e.Now.Equal(start) {
		t.Fatalf("first event: %+v", e)
	}
	s.must("/sim/phones/11/send", `{"text":"Hi <"}`)
	if e := events.next(); e.Type != "message" || e.Phone != 11 || e.Message.HTML != "Hi &lt;" {
		t.Errorf("a message: %+v", e)
	}
	s.Person(13).Send("nobody sees me")
	id := s.send("Sure?", args{"reply_markup": `{"inline_keyboard":[[{"text":"Yes","callback_data":"yes"}]]}`})
	if e := events.next(); e.Type != "message" || e.MessageID != id {
		t.Errorf("a message of the bot: %+v", e)
	}
	if err := s.amina.Tap("Yes"); err != nil {
		t.Fatal(err)
	}
	events.until("edit")
	query := s.callbackID()
	s.ok("answerCallbackQuery", args{"callback_query_id": query, "text": "Done", "show_alert": "true"})
	if e := events.until("toast"); e.Text != "Done" || !e.Alert {
		t.Errorf("an answer to a tap: %+v", e)
	}
	s.ok("sendChatAction", args{"chat_id": "11", "action": "typing"})
	if e := events.until("chat_action"); e.Action != "typing" {
		t.Errorf("a chat action: %+v", e)
	}
	s.send("Keys", args{"reply_markup": `{"keyboard":[[{"text":"A"}]]}`})
	if e := events.until("keyboard"); e.Keyboard == nil {
		t.Errorf("a keyboard: %+v", e)
	}
	s.ok("setMyCommands", args{"commands": `[{"command":"help","description":"Help"}]`})
	if e := events.until("commands"); len(e.Commands) != 1 {
		t.Errorf("commands: %+v", e)
	}
	s.amina.Block()
	if e := events.until("blocked"); !e.Blocked {
		t.Errorf("blocked: %+v", e)
	}
	s.amina.Unblock()
	if err := s.amina.Delete(id); err != nil {
		t.Fatal(err)
	}
	if e := events.until("delete"); e.MessageID != id {
		t.Errorf("deleted: %+v", e)
	}
	s.must("/sim/clock", `{"advance_seconds":60}`)
	if e := events.until("clock"); !e.Now.Equal(start.Add(time.Minute)) {
		t.Errorf("the clock: %+v", e)
	}
}

// callbackID is the id of the newest callback query in the queue.
func (w *world) callbackID() string {
	w.t.Helper()
	var updates []struct {
		CallbackQuery *struct{ ID string } `json:"callback_query"`
	}
	decode(w.t, w.ok("getUpdates", args{"offset": "-1"}), &updates)
	if len(updates) != 1 || updates[0].CallbackQuery == nil {
		w.t.Fatalf("the newest update is no callback query: %+v", updates)
	}
	return updates[0].CallbackQuery.ID
}

func TestEventsResume(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	server := serve(t, s.page)
	first := listen(t, server, "", "")
	first.next()
	s.amina.Send("one")
	first.next()
	first.close()
	s.amina.Send("two")
	s.amina.Send("three")
	for name, again := range map[string]*stream{
		"by the header":  listen(t, server, first.lastID, ""),
		"by the address": listen(t, server, "", first.lastID),
	} {
		for _, want := range []string{"two", "three"} {
			if e := again.next(); e.Type != "message" || e.Message.Text != want {
				t.Errorf("%s: %+v, want %q", name, e, want)
			}
		}
	}
}

func TestEventsSayWhenToStartAnew(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	server := serve(t, s.page)
	first := listen(t, server, "", "")
	first.next()
	epoch, _, _ := strings.Cut(first.lastID, "-")
	for range 6000 { // more than the feed keeps
		s.amina.Block()
		s.amina.Unblock()
	}
	for name, id := range map[string]string{
		"of another run": "other-1", "too old": epoch + "-1", "from the future": epoch + "-99999999", "of no sense": "x", "negative": epoch + "--5",
	} {
		if e := listen(t, server, id, "").next(); e.Type != "hello" {
			t.Errorf("an id %s is answered with %q, want hello", name, e.Type)
		}
	}
}

func TestEventsBeatAndEnd(t *testing.T) {
	t.Parallel()
	beats := make(chan time.Time)
	w := newWorld(t, func(cfg *simulator.Config) { cfg.After = func(time.Duration) <-chan time.Time { return beats } })
	events := listen(t, serve(t, w.Page(simulator.PageConfig{})), "", "")
	events.next()
	beats <- time.Time{}
	if e := events.next(); e.Type != "clock" || !e.Now.Equal(start) {
		t.Errorf("a quiet stream says %+v", e)
	}
	w.Close()
	if events.lines.Scan() && events.lines.Text() != "" {
		t.Errorf("a closed simulator says %q", events.lines.Text())
	}
}
