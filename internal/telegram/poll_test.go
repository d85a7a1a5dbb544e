package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestPollAcknowledgesOnlyWhatWasHandled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAPI()
		for id := range int64(5) {
			a.message(101+id, id)
		}
		var first, second journal
		hang := make(chan struct{})
		dying := a.line()
		in := newTestIntake(t, dying, IntakeConfig{Handler: func(_ context.Context, u *models.Update) error {
			if u.ID >= 103 {
				<-hang
			}
			first.add(u.ID)
			return nil
		}})
		stop := running(t, in)
		time.Sleep(5 * time.Second)
		dying.kill()
		if diff := cmp.Diff([]int64{103, 104, 105}, a.waiting()); diff != "" {
			t.Errorf("kept by Telegram at the kill (-want +got):\n%s", diff)
		}

		in2 := newTestIntake(t, a.line(), IntakeConfig{Handler: func(_ context.Context, u *models.Update) error {
			second.add(u.ID)
			return nil
		}})
		stop2 := running(t, in2)
		time.Sleep(time.Second)
		got := second.all()
		slices.Sort(got)
		if diff := cmp.Diff([]int64{103, 104, 105}, got); diff != "" {
			t.Errorf("handled after the kill (-want +got):\n%s", diff)
		}
		if err := stop2(); err != nil {
			t.Errorf("poll: %v", err)
		}
		if diff := cmp.Diff([]int64(nil), a.waiting()); diff != "" {
			t.Errorf("kept by Telegram after the end (-want +got):\n%s", diff)
		}
		close(hang)
		_ = stop()
	})
}

// Whatever comes, and however long it takes: each chat's updates are handled one after the
// other in the order they came, each once, and chats do not wait for each other.
func TestPollKeepsOrderWithinChats(t *testing.T) {
	t.Parallel()
	type item struct {
		chat  int64
		takes time.Duration
		after time.Duration
		fails int
	}
	rapid.Check(t, func(rt *rapid.T) {
		items := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) item {
			return item{
				chat:  rapid.Int64Range(1, 5).Draw(rt, "chat"),
				takes: time.Duration(rapid.IntRange(0, 400).Draw(rt, "takes")) * time.Millisecond,
				after: time.Duration(rapid.IntRange(0, 300).Draw(rt, "after")) * time.Millisecond,
				fails: rapid.IntRange(-6, 2).Draw(rt, "fails"),
			}
		}), 1, 150).Draw(rt, "updates")

		var trouble string
		synctest.Test(t, func(t *testing.T) {
			a, done := newAPI(), map[int64]*journal{}
			var busy [6]atomic.Int32
			for chat := range int64(6) {
				done[chat] = &journal{}
			}
			tried := map[int64]*atomic.Int32{}
			want := map[int64][]int64{}
			for i, it := range items {
				id := int64(1000 + i)
				tried[id] = &atomic.Int32{}
				want[it.chat] = append(want[it.chat], id)
			}
			in := newTestIntake(t, a, IntakeConfig{Handler: func(_ context.Context, u *models.Update) error {
				chat, it := ChatOf(u), items[u.ID-1000]
				if busy[chat].Add(1) != 1 {
					return errors.New("two updates of one chat at the same time")
				}
				defer busy[chat].Add(-1)
				time.Sleep(it.takes)
				if int(tried[u.ID].Add(1)) <= it.fails {
					return errors.New("not this time")
				}
				done[chat].add(u.ID)
				return nil
			}})
			stop := running(t, in)
			for i, it := range items {
				time.Sleep(it.after)
				a.message(int64(1000+i), it.chat)
			}
			time.Sleep(5 * time.Minute)
			if err := stop(); err != nil {
				trouble = err.Error()
			}
			for chat := range int64(6) {
				if diff := cmp.Diff(want[chat], done[chat].all()); diff != "" {
					trouble += fmt.Sprintf("chat %d (-want +got):\n%s", chat, diff)
				}
			}
			if left := a.waiting(); len(left) > 0 {
				trouble += fmt.Sprintf("not acknowledged: %v", left)
			}
		})
		if trouble != "" {
			rt.Fatal(trouble)
		}
	})
}

func TestPollStragglerHoldsUpNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAPI()
		latency := make(chan time.Duration, 100)
		var came [600]time.Time // by update; each written before it is queued
		in := newTestIntake(t, a, IntakeConfig{Handler: func(_ context.Context, u *models.Update) error {
			if ChatOf(u) == 1 {
				time.Sleep(40 * time.Second)
			} else {
				latency <- time.Since(came[u.ID])
			}
			return nil
		}})
		stop := running(t, in)
		a.message(500, 1)
		for i := range int64(30) {
			time.Sleep(time.Second)
			came[501+i] = time.Now()
			a.message(501+i, 2+i)
		}
		time.Sleep(time.Second)
		if got := len(latency); got != 30 {
			t.Errorf("%d of 30 others handled behind the straggler", got)
		}
		for len(latency) > 0 {
			if d := <-latency; d > time.Second {
				t.Errorf("another chat waited %v", d)
			}
		}
		if got := a.waiting(); len(got) != 31 || got[0] != 500 {
			t.Errorf("kept by Telegram: %v, want the straggler and all after it", got)
		}
		time.Sleep(20 * time.Second)
		if got := a.waiting(); len(got) > 0 {
			t.Errorf("kept by Telegram after the straggler: %v", got)
		}
		_ = stop()
		polls := a.pollsSoFar()
		for i := 1; i < len(polls); i++ {
			if d := polls[i].at.Sub(polls[i-1].at); polls[i].Offset == polls[i-1].Offset && d < 500*time.Millisecond {
				t.Errorf("offset %d asked again after %v: Telegram punishes that", polls[i].Offset, d)
			}
		}
	})
}

func TestPollWithAFullWindowWaitsForItsHead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAPI()
		var done journal
		in := newTestIntake(t, a, IntakeConfig{Handler: func(_ context.Context, u *models.Update) error {
			if u.ID == 1 {
				time.Sleep(30 * time.Second)
			}
			done.add(u.ID)
			return nil
		}})
		for id := range int64(150) {
			a.message(1+id, 1+id)
		}
		stop := running(t, in)
		time.Sleep(20 * time.Second)
		if got := len(done.all()); got != 99 {
			t.Errorf("%d handled behind the straggler, want 99", got)
		}
		if got := len(a.pollsSoFar()); got > 2 {
			t.Errorf("%d polls, though Telegram can give nothing new", got)
		}
		time.Sleep(20 * time.Second)
		if got := len(done.all()); got != 150 {
			t.Errorf("%d handled in the end, want 150", got)
		}
		_ = stop()
	})
}

func TestPollUpdateIDsMayJumpDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWindow()
		for _, id := range []int64{900, 901, 20, 21} {
			if !w.add(id) {
				t.Errorf("%d is not new", id)
			}
		}
		w.finish(900)
		w.finish(20)
		if got := w.offset(); got != 901 {
			t.Errorf("offset %d, want 901", got)
		}
		w.finish(901)
		if got := w.offset(); got != 21 {
			t.Errorf("offset %d, want 21", got)
		}
		w.finish(21)
		if got := w.offset(); got != 22 {
			t.Errorf("offset %d, want 22", got)
		}
	})
}

func TestPollSkipsWhatItCannotRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAPI()
		var done journal
		in := newTestIntake(t, a, IntakeConfig{Handler: func(_ context.Context, u *models.Update) error {
			done.add(u.ID)
			return nil
		}})
		a.message(1, 1)
		a.raw(2, `{"update_id":2,"message":{"message_id":"not a number"}}`)
		a.raw(3, `"nothing like an update"`)
		a.message(4, 1)
		stop := running(t, in)
		time.Sleep(2 * time.Second)
		_ = stop()
		if diff := cmp.Diff([]int64{1, 4}, done.all()); diff != "" {
			t.Errorf("handled (-want +got):\n%s", diff)
		}
		if got := a.waiting(); len(got) > 0 {
			t.Errorf("kept by Telegram: %v", got)
		}
	})
}

func TestPollTroubles(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		reply func() (*http.Response, error)
		least time.Duration // until the next poll
		most  time.Duration
	}{
		{"too many", func() (*http.Response, error) { return tooManyFor(7), nil }, 7 * time.Second, 7 * time.Second},
		{"conflict", func() (*http.Response, error) {
			return refused(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"), nil
		}, 300 * time.Millisecond, time.Second},
		{"bad gateway", func() (*http.Response, error) { return respond(502, "text/html", "<html>"), nil }, 300 * time.Millisecond, time.Second},
		{"not JSON", func() (*http.Response, error) { return respond(200, "text/html", "<html>"), nil }, 300 * time.Millisecond, time.Second},
		{"no answer", func() (*http.Response, error) { return nil, errors.New("connection reset") }, 300 * time.Millisecond, time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAPI()
				var first time.Time
				a.reply = func(method string, _ map[string]string) (*http.Response, error) {
					if method != "getUpdates" || !first.IsZero() {
						return nil, nil
					}
					first = time.Now()
					return tc.reply()
				}
				handled := make(chan time.Time, 1)
				in := newTestIntake(t, a, IntakeConfig{Handler: func(context.Context, *models.Update) error {
					handled <- time.Now()
					return nil
				}})
				a.message(1, 1)
				stop := running(t, in)
				if after := (<-handled).Sub(first); after < tc.least || after > tc.most {
					t.Errorf("polled again after %v, want %v to %v", after, tc.least, tc.most)
				}
				if err := stop(); err != nil {
					t.Errorf("poll: %v", err)
				}
			})
		})
	}
}

func TestPollEndsWhenTheTokenIsNotValid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAPI()
		in := newTestIntake(t, a, IntakeConfig{Handler: func(context.Context, *models.Update) error { return nil }})
		a.reply = func(string, map[string]string) (*http.Response, error) { return refused(401, "Unauthorized"), nil }
		err := in.Poll(t.Context())
		if !errors.Is(err, bot.ErrorUnauthorized) {
			t.Errorf("poll: %v, want unauthorized", err)
		}
	})
}

func TestPollStopsWithinItsTime(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		takes   time.Duration
		heeds   bool // the handler ends with its context
		most    time.Duration
		waiting []int64
	}{
		{"finishes what is in hand", 5 * time.Second, true, 5 * time.Second, []int64{2}},
		{"cuts off what takes too long", time.Hour, true, 9 * time.Second, []int64{1, 2}},
		{"leaves what will not end", 20 * time.Second, false, 10 * time.Second, []int64{1, 2}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAPI()
				var done journal
				in := newTestIntake(t, a, IntakeConfig{Handler: func(ctx context.Context, u *models.Update) error {
					if !tc.heeds {
						ctx = context.WithoutCancel(ctx)
					}
					if err := sleep(ctx, tc.takes); err != nil {
						return err
					}
					done.add(u.ID)
					return nil
				}})
				a.message(1, 1)
				a.message(2, 1) // behind the first: must not begin any more
				stop := running(t, in)
				time.Sleep(time.Millisecond)
				synctest.Wait()
				started := time.Now()
				if err := stop(); err != nil {
					t.Errorf("poll: %v", err)
				}
				if took := time.Since(started); took > tc.most {
					t.Errorf("took %v to stop, want at most %v", took, tc.most)
				}
				if diff := cmp.Diff(tc.waiting, a.waiting()); diff != "" {
					t.Errorf("kept by Telegram (-want +got):\n%s", diff)
				}
				time.Sleep(time.Minute)
			})
		})
	}
}
