package simulator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vetalyze/internal/simulator"
)

// receiver is a webhook that notes what came and answers as told.
type receiver struct {
	mu     sync.Mutex
	came   []string
	answer func(n int, u got, w http.ResponseWriter)
	header http.Header
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	var u got
	_ = json.Unmarshal(body, &u)
	r.mu.Lock()
	r.came = append(r.came, fmt.Sprintf("%d:%s", u.Message.From.ID, u.Message.Text))
	r.header = request.Header
	n := len(r.came)
	r.mu.Unlock()
	if r.answer != nil {
		r.answer(n, u, w)
	}
}

func (r *receiver) seen() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.came...)
}

// hooked is a world whose webhook is r, with every wait passing at once and noted.
func hooked(t *testing.T, r *receiver) (*world, func() []time.Duration) {
	t.Helper()
	var mu sync.Mutex
	var waits []time.Duration
	w := newWorld(t, func(c *simulator.Config) {
		c.Webhook.Handlers = map[string]http.Handler{"https://bot.example.com/": r}
		c.After = func(d time.Duration) <-chan time.Time {
			if d == time.Minute { // the timeout of one delivery
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			waits = append(waits, d)
			return closedTimer()
		}
	})
	w.ok("setWebhook", args{"url": "https://bot.example.com/telegram", "secret_token": "s3cret"})
	return w, func() []time.Duration {
		mu.Lock()
		defer mu.Unlock()
		return append([]time.Duration(nil), waits...)
	}
}

func TestWebhookDelivers(t *testing.T) {
	t.Parallel()
	r := &receiver{}
	w, _ := hooked(t, r)
	for i := range 5 {
		w.amina.Send(fmt.Sprint(i))
	}
	if err := w.Settled(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"11:0", "11:1", "11:2", "11:3", "11:4"}, r.seen()); diff != "" {
		t.Error(diff)
	}
	if got := r.header.Get("X-Telegram-Bot-Api-Secret-Token"); got != "s3cret" {
		t.Errorf("secret %q", got)
	}
	if got := w.call("getUpdates", nil); got.Status != 409 || got.Description != "Conflict: can't use getUpdates method "+
		"while webhook is active; use deleteWebhook to delete the webhook first" {
		t.Errorf("getUpdates: %d %s", got.Status, got.Description)
	}
}

func TestWebhookRetriesInOrder(t *testing.T) {
	t.Parallel()
	r := &receiver{answer: func(n int, _ got, w http.ResponseWriter) {
		switch n {
		case 1, 2, 3, 4:
			w.WriteHeader(http.StatusInternalServerError)
		case 5:
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}}
	w, waits := hooked(t, r)
	w.amina.Send("a")
	w.amina.Send("b")
	if err := w.Settled(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{"11:a", "11:a", "11:a", "11:a", "11:a", "11:a", "11:b"}
	if diff := cmp.Diff(want, r.seen()); diff != "" {
		t.Error(diff)
	}
	seconds := []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second, 7 * time.Second}
	if diff := cmp.Diff(seconds, waits()); diff != "" {
		t.Errorf("waits, the first retry at once: %s", diff)
	}
	var info struct {
		Pending int    `json:"pending_update_count"`
		Message string `json:"last_error_message"`
	}
	decode(t, w.ok("getWebhookInfo", nil), &info)
	if info.Pending != 0 || info.Message != "Wrong response from the webhook: 503 Service Unavailable" {
		t.Errorf("info %+v", info)
	}
}

// TestWebhookQueues: a message that is not taken holds up its chat, and nobody else; not even the taps of the
// same person, which are another queue.
func TestWebhookQueues(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	r := &receiver{answer: func(_ int, u got, _ http.ResponseWriter) {
		if u.Message.Text == "slow" {
			<-hold
		}
	}}
	w, _ := hooked(t, r)
	id := w.send("Q", args{"reply_markup": button("yes")})
	w.amina.Send("slow")
	w.amina.Send("after")
	w.omar.Send("quick")
	if err := w.amina.TapData(id, "yes"); err != nil {
		t.Fatal(err)
	}
	for w.Pending() > 2 { // quick and the tap are through
		_, _, _, changed := w.Events(0)
		if w.Pending() > 2 {
			<-changed
		}
	}
	for _, came := range r.seen() {
		if came == "11:after" {
			t.Error("the second message of a chat came before the first was taken")
		}
	}
	close(hold)
	if err := w.Settled(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestWebhookExpiryDropsUpdate(t *testing.T) {
	t.Parallel()
	var w *world
	r := &receiver{answer: func(_ int, _ got, answer http.ResponseWriter) {
		w.clock.Advance(9 * time.Hour)
		answer.WriteHeader(http.StatusBadGateway)
	}}
	ready := make(chan struct{})
	inner := r.answer
	r.answer = func(n int, u got, answer http.ResponseWriter) { <-ready; inner(n, u, answer) }
	w, _ = hooked(t, r)
	close(ready)
	w.amina.Send("never taken")
	if err := w.Settled(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(r.seen()); n != 3 {
		t.Errorf("sent %d times in 24 hours of 9-hour steps, want 3", n)
	}
}

func TestWebhookReplyIsPerformed(t *testing.T) {
	t.Parallel()
	r := &receiver{answer: func(_ int, u got, w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"method":"sendMessage","chat_id":%d,"text":"in the answer"}`, u.Message.Chat.ID)
	}}
	w, _ := hooked(t, r)
	w.amina.Send("x")
	if err := w.Settled(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m, _ := w.amina.Last(); m.Text != "in the answer" {
		t.Errorf("she sees %q", texts(w.amina))
	}
}

func TestWebhookChanges(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args args
		want string
	}{
		"port":         {args{"url": "https://e.com:8080/x"}, "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"},
		"loopback":     {args{"url": "https://127.0.0.1/x"}, "bad webhook: IP address 127.0.0.1 is reserved"},
		"no host":      {args{"url": "https:///x"}, "invalid webhook URL specified"},
		"secret":       {args{"url": "https://e.com", "secret_token": "a b"}, "secret token contains unallowed characters"},
		"long secret":  {args{"url": "https://e.com", "secret_token": strings.Repeat("a", 257)}, "secret token is too long"},
		"unresolvable": {args{"url": "https://e.com"}, "bad webhook: Failed to resolve host: Name or service not known"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := newWorld(t).call("setWebhook", test.args); got.Description != "Bad Request: "+test.want {
				t.Errorf("got %s", got.Description)
			}
		})
	}
	w, _ := hooked(t, &receiver{answer: func(_ int, _ got, w http.ResponseWriter) { w.WriteHeader(500) }})
	if got := w.call("setWebhook", args{"url": "https://bot.example.com/x"}); got.Status != 429 || got.Parameters.RetryAfter != 1 {
		t.Errorf("twice within a second: %+v", got)
	}
	if got := w.call("deleteWebhook", nil); got.Description != "Webhook was deleted" {
		t.Errorf("delete: %s", got.Description)
	}
	if got := w.call("deleteWebhook", nil); got.Description != "Webhook is already deleted" {
		t.Errorf("delete again: %s", got.Description)
	}
	w.amina.Send("kept")
	if diff := cmp.Diff([]string{"kept"}, said(w.updates(nil))); diff != "" {
		t.Error(diff)
	}
}

func TestWebhookOverHTTP(t *testing.T) {
	t.Parallel()
	r := &receiver{}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	w := newWorld(t, func(c *simulator.Config) { c.Webhook.AllowLocal = true })
	w.amina.Send("before")
	w.ok("setWebhook", args{"url": server.URL})
	w.amina.Send("after")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := w.Settled(ctx); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"11:before", "11:after"}, r.seen()); diff != "" {
		t.Error(diff)
	}
}
