package simulator_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vetalyze/internal/simulator"
)

// got is an update as a bot sees it.
type got struct {
	ID      int `json:"update_id"`
	Message struct {
		Text string
		Chat struct{ ID int64 }
		From struct{ ID int64 }
	}
	Edited  *json.RawMessage `json:"edited_message"`
	Query   *json.RawMessage `json:"callback_query"`
	Blocked *json.RawMessage `json:"my_chat_member"`
}

func (w *world) updates(a args) []got {
	w.t.Helper()
	var all []got
	decode(w.t, w.ok("getUpdates", a), &all)
	return all
}

func said(all []got) []string {
	var texts []string
	for _, u := range all {
		texts = append(texts, u.Message.Text)
	}
	return texts
}

func offset(n int) args { return args{"offset": strconv.Itoa(n)} }

func TestOffsetConfirms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, text := range []string{"one", "two", "three", "four"} {
		w.amina.Send(text)
	}
	all := w.updates(nil)
	if diff := cmp.Diff([]string{"one", "two", "three", "four"}, said(all)); diff != "" {
		t.Fatal(diff)
	}
	if all[1].ID != all[0].ID+1 {
		t.Errorf("ids %d, %d are not sequential", all[0].ID, all[1].ID)
	}
	if diff := cmp.Diff([]string{"two", "three"}, said(w.updates(args{"offset": strconv.Itoa(all[1].ID), "limit": "2"}))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"four"}, said(w.updates(offset(-1)))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"four"}, said(w.updates(offset(all[3].ID+1000)))); diff != "" {
		t.Errorf("an offset far ahead confirmed something: %s", diff)
	}
	if n := len(w.updates(offset(all[3].ID + 1))); n != 0 {
		t.Errorf("%d updates after all were confirmed", n)
	}
	if w.Pending() != 0 {
		t.Errorf("%d pending", w.Pending())
	}
}

func TestRepeatedOffsetIsSlowedDown(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	var waits []time.Duration
	w := newWorld(t, func(c *simulator.Config) {
		c.Now = func() time.Time { return now }
		c.After = func(d time.Duration) <-chan time.Time {
			waits = append(waits, d)
			return closedTimer()
		}
	})
	now = now.Add(time.Minute)
	w.updates(offset(1))
	w.updates(offset(1))
	if diff := cmp.Diff([]time.Duration{3 * time.Second}, waits); diff != "" {
		t.Errorf("waits: %s", diff)
	}
	w.amina.Send("a")
	w.amina.Send("b")
	if n := len(w.updates(offset(1))); n != 1 {
		t.Errorf("%d updates at once for an offset repeated within half a second, want 1", n)
	}
	now = now.Add(4 * time.Second)
	if n := len(w.updates(offset(1))); n != 2 {
		t.Errorf("%d updates after four seconds, want 2", n)
	}
}

func closedTimer() <-chan time.Time {
	c := make(chan time.Time)
	close(c)
	return c
}

func TestLongPollEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	poll := func(timeout string) <-chan answer {
		ended := make(chan answer, 1)
		go func() { ended <- w.call("getUpdates", args{"timeout": timeout, "offset": "7"}) }()
		return ended
	}
	older := poll("50")
	newer := poll("49")
	var conflict answer
	select { // whichever came second ended the other
	case conflict = <-older:
		older = newer
	case conflict = <-newer:
	}
	if conflict.Status != 409 || conflict.Description != "Conflict: terminated by other getUpdates request; make sure "+
		"that only one bot instance is running" {
		t.Errorf("got %d %s", conflict.Status, conflict.Description)
	}
	w.amina.Send("hello")
	if a := <-older; !a.OK || len(a.Result) < 10 {
		t.Errorf("the poll that stayed got %+v", a)
	}
	w.confirmAll()
}

func TestUpdatesExpire(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.send("Q", args{"reply_markup": button("yes")})
	w.amina.Send("hello")
	if err := w.amina.TapData(id, "yes"); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(151 * time.Second)
	if n := w.Pending(); n != 1 {
		t.Errorf("%d pending after 151 s, want the message alone", n)
	}
	w.clock.Advance(24 * time.Hour)
	if err := w.Settled(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestSettledWaitsAndEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.amina.Send("hello")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Settled(ctx); err == nil {
		t.Error("settled with an update that nobody confirmed")
	}
	settled := make(chan error, 1)
	go func() { settled <- w.Settled(t.Context()) }()
	w.updates(offset(w.updates(nil)[0].ID + 1))
	if err := <-settled; err != nil {
		t.Error(err)
	}
}

func TestAllowedUpdatesStick(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.amina.Send("first")
	w.updates(args{"allowed_updates": `["edited_message","nonsense"]`})
	w.amina.Send("not wanted")
	if err := w.amina.EditText(id, "changed"); err != nil {
		t.Fatal(err)
	}
	all := w.updates(args{"allowed_updates": "no list", "offset": "1"})
	if len(all) != 2 || all[0].Message.Text != "first" || all[1].Edited == nil {
		t.Errorf("got %+v", all)
	}
	w.updates(args{"allowed_updates": `[]`, "offset": "-1"})
	w.amina.Block()
	w.amina.Send("again")
	all = w.updates(offset(2))
	if len(all) != 4 || all[1].Blocked == nil || all[2].Blocked == nil || all[3].Message.Text != "again" {
		t.Errorf("got %+v", all)
	}
}

// TestQueueProperty checks against a plain list that what is confirmed never comes back, and what is not is
// neither lost nor out of order, whatever offsets and limits a bot uses.
func TestQueueProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, func(c *simulator.Config) {
			elapsed := time.Unix(0, 0)
			c.Now = func() time.Time { elapsed = elapsed.Add(time.Minute); return elapsed }
		})
		w.amina.Send("seed")
		first := w.updates(nil)[0].ID
		waiting := []int{first}
		next := first + 1
		rt.Repeat(map[string]func(*rapid.T){
			"send": func(*rapid.T) {
				w.amina.Send("x")
				waiting = append(waiting, next)
				next++
			},
			"poll": func(rt *rapid.T) {
				from := rapid.IntRange(first-2, next).Draw(rt, "offset")
				limit := rapid.IntRange(1, 5).Draw(rt, "limit")
				for len(waiting) > 0 && waiting[0] < from {
					waiting = waiting[1:]
				}
				var ids []int
				for _, u := range w.updates(args{"offset": strconv.Itoa(from), "limit": strconv.Itoa(limit)}) {
					ids = append(ids, u.ID)
				}
				want := waiting[:min(limit, len(waiting))]
				if diff := cmp.Diff(append([]int(nil), want...), ids); diff != "" {
					rt.Fatal(diff)
				}
			},
		})
	})
}

func TestSetWebhookEndsPoll(t *testing.T) {
	t.Parallel()
	polling := make(chan struct{})
	var late []time.Duration
	w := newWorld(t, func(c *simulator.Config) {
		c.Webhook.Handlers = map[string]http.Handler{"https://bot.example.com/": http.NotFoundHandler()}
		c.After = func(d time.Duration) <-chan time.Time {
			if d == 50*time.Second {
				close(polling)
				return nil
			}
			late = append(late, d)
			return closedTimer()
		}
	})
	ended := make(chan answer, 1)
	go func() { ended <- w.call("getUpdates", args{"timeout": "50", "offset": "5"}) }()
	<-polling
	w.ok("setWebhook", args{"url": "https://bot.example.com/"})
	if a := <-ended; a.Status != 409 || a.Description != "Conflict: terminated by setWebhook request" {
		t.Errorf("got %+v", a)
	}
	if a := w.call("getUpdates", nil); a.Status != 409 {
		t.Errorf("got %+v", a)
	}
	if diff := cmp.Diff([]time.Duration{3 * time.Second}, late); diff != "" {
		t.Errorf("the second conflict within three seconds is held back: %s", diff)
	}
}

func TestEntitiesByList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for list, want := range map[string]string{
		`[{"type":"bold","offset":0,"length":2}]`: "",
		`[{"type":"bold","offset":1,"length":1}]`: "Bad Request: entity begins in a middle of a UTF-16 symbol at byte offset 4",
		`[{"type":"bold","offset":9,"length":1}]`: "Bad Request: entity begins after the end of the text at UTF-16 offset 9",
		`[{"type":"bold","offset":2,"length":9}]`: "Bad Request: entity beginning at UTF-16 offset 2 ends after the end " +
			"of the text at UTF-16 offset 11",
		`[{"type":"bold","length":9}]`: `Bad Request: can't parse MessageEntity: Can't find field "offset"`,
	} {
		a := w.call("sendMessage", args{"chat_id": "11", "text": "😀a", "entities": list})
		if a.Description != want {
			t.Errorf("%s: %s", list, a.Description)
		}
	}
	if m, _ := w.amina.Last(); len(m.Entities) != 1 || m.Entities[0].Length != 2 {
		t.Errorf("sent %+v", m.Entities)
	}
}
