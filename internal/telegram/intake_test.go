package telegram

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"vetalyze/internal/trail"
)

func TestChatOf(t *testing.T) {
	t.Parallel()
	person := models.User{ID: 42}
	private := models.Chat{ID: 42, Type: models.ChatTypePrivate}
	for _, tc := range []struct {
		name string
		u    *models.Update
		want int64
	}{
		{"message", messageIn(1, 42), 42},
		{"edited message", &models.Update{EditedMessage: &models.Message{Chat: private}}, 42},
		{"callback", &models.Update{CallbackQuery: &models.CallbackQuery{From: person, Message: models.MaybeInaccessibleMessage{Message: &models.Message{Chat: private}}}}, 42},
		{"callback on an old message", &models.Update{CallbackQuery: &models.CallbackQuery{From: person, Message: models.MaybeInaccessibleMessage{InaccessibleMessage: &models.InaccessibleMessage{Chat: private}}}}, 42},
		{"callback without a message", &models.Update{CallbackQuery: &models.CallbackQuery{From: person}}, 42},
		{"callback in a group", &models.Update{CallbackQuery: &models.CallbackQuery{From: person, Message: models.MaybeInaccessibleMessage{Message: &models.Message{Chat: models.Chat{ID: -5}}}}}, -5},
		{"blocked or revived", &models.Update{MyChatMember: &models.ChatMemberUpdated{Chat: private, From: person}}, 42},
		{"inline query", &models.Update{InlineQuery: &models.InlineQuery{From: &person}}, 42},
		{"nobody's", &models.Update{Poll: &models.Poll{}}, 0},
	} {
		if got := ChatOf(tc.u); got != tc.want {
			t.Errorf("%s: chat %d, want %d", tc.name, got, tc.want)
		}
	}
}

// An update that always fails is tried three times, apologized for once and let go; the next
// one of its chat is handled.
func TestThreeFailures(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		fail func() error
	}{
		{"error", func() error { return errors.New("broken") }},
		{"panic", func() error { panic("broken") }},
		{"panic with an error", func() error { panic(fmt.Errorf("broken")) }},
		{"nil dereference", func() error { var u *models.Update; return errors.New(u.Message.Text) }},
		{"Telegram refuses the answer", func() error { return fmt.Errorf("%w, Bad Request: message is too long", bot.ErrorBadRequest) }},
		{"too slow", func() error { return context.DeadlineExceeded }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAPI()
				var tries, sorry atomic.Int32
				var done journal
				in := newTestIntake(t, a, IntakeConfig{
					Handler: func(_ context.Context, u *models.Update) error {
						if u.ID == 1 {
							tries.Add(1)
							return tc.fail()
						}
						done.add(u.ID)
						return nil
					},
					Apologize: func(_ context.Context, u *models.Update) {
						if u.ID == 1 && tries.Load() == 3 {
							sorry.Add(1)
						}
						panic("an apology must not do harm either")
					},
				})
				a.message(1, 9)
				a.message(2, 9)
				stop := running(t, in)
				time.Sleep(time.Minute)
				_ = stop()
				if tries.Load() != 3 || sorry.Load() != 1 {
					t.Errorf("tried %d times, apologized %d times, want 3 and 1", tries.Load(), sorry.Load())
				}
				if diff := cmp.Diff([]int64{2}, done.all()); diff != "" {
					t.Errorf("handled (-want +got):\n%s", diff)
				}
				if left := a.waiting(); len(left) > 0 {
					t.Errorf("kept by Telegram: %v", left)
				}
			})
		})
	}
}

// While Telegram says of everything that it is in trouble, updates wait. One over which it still does after ten minutes is
// let go, like any that cannot be answered.
func TestTroubleOfTelegram(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name       string
		lasts      time.Duration
		apologized int32
	}{
		{"over everything, while it restarts", time.Minute, 0},
		{"over one message", time.Hour, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAPI()
				var sorry atomic.Int32
				var done journal
				began := time.Now()
				in := newTestIntake(t, a, IntakeConfig{
					Handler: func(_ context.Context, u *models.Update) error {
						if u.ID == 1 && time.Since(began) < tc.lasts {
							return fmt.Errorf("send card: %w", &CallError{Status: 500, Description: "Internal Server Error: restart"})
						}
						done.add(u.ID)
						return nil
					},
					Apologize: func(context.Context, *models.Update) { sorry.Add(1) },
				})
				a.message(1, 9)
				a.message(2, 9)
				stop := running(t, in)
				time.Sleep(15 * time.Minute)
				_ = stop()
				if sorry.Load() != tc.apologized {
					t.Errorf("apologized %d times, want %d", sorry.Load(), tc.apologized)
				}
				if got, want := len(done.all()), 2-int(tc.apologized); got != want {
					t.Errorf("%d updates were handled, want %d", got, want)
				}
				if left := a.waiting(); len(left) > 0 {
					t.Errorf("kept by Telegram: %v", left)
				}
			})
		})
	}
}

func TestPanicIsLoggedWithItsStackAndWithoutTheText(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		in := newTestIntake(t, newAPI(), IntakeConfig{Handler: func(context.Context, *models.Update) error { panic("broken") }})
		in.logger = slog.New(trail.Handler(slog.NewTextHandler(&log, nil)))
		u := messageIn(77, 9)
		u.Message.Text = "a secret of somebody's"
		if v, _ := in.attempt(arrive(u)); v != failed {
			t.Errorf("a panic is %v, want failed", v)
		}
		got := log.String()
		if !strings.Contains(got, "update=77") || !strings.Contains(got, "intake_test.go") {
			t.Errorf("log lacks the update's id or the stack: %s", got)
		}
		if strings.Contains(got, "secret") {
			t.Errorf("log shows what somebody wrote: %s", got)
		}
	})
}

// While something is down an update waits, however often it is tried, and those of its chat
// wait behind it; the chat is told once per outage.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		err  error
	}{
		{"dependency", fmt.Errorf("register owner: %w", ErrUnavailable)},
		{"Telegram not reached", fmt.Errorf("send card: %w", &CallError{Err: errors.New("connection refused")})},
		{"gateway", &CallError{Status: 502}},
		{"flood", &bot.TooManyRequestsError{RetryAfter: 60}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAPI()
				var down atomic.Bool
				var done, told journal
				var tries atomic.Int32
				in := newTestIntake(t, a, IntakeConfig{
					Handler: func(_ context.Context, u *models.Update) error {
						tries.Add(1)
						if down.Load() {
							return tc.err
						}
						done.add(u.ID)
						return nil
					},
					Apologize:     func(context.Context, *models.Update) { t.Error("apologized") },
					OnUnavailable: func(_ context.Context, u *models.Update) { told.add(u.ID) },
				})
				stop := running(t, in)
				for outage := range int64(2) {
					down.Store(true)
					a.message(10*outage+1, 9)
					a.message(10*outage+2, 9)
					time.Sleep(10 * time.Minute)
					down.Store(false)
					time.Sleep(2 * time.Minute)
				}
				_ = stop()
				if diff := cmp.Diff([]int64{1, 2, 11, 12}, done.all()); diff != "" {
					t.Errorf("handled (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff([]int64{1, 11}, told.all()); diff != "" {
					t.Errorf("told (-want +got):\n%s", diff)
				}
				if n := tries.Load(); n < 10 || n > 400 {
					t.Errorf("tried %d times in 20 minutes of outage", n)
				}
			})
		})
	}
}

func TestOutageOfTelegramIsWaitedFor(t *testing.T) {
	t.Parallel()
	in := newTestIntake(t, newAPI(), IntakeConfig{})
	if in.notItsFault(1, &CallError{Status: 413}) {
		t.Error("a request that is too large would be tried for ever")
	}
	if in.notItsFault(1, fmt.Errorf("%w, Forbidden: bot was blocked by the user", bot.ErrorForbidden)) {
		t.Error("somebody who blocked the bot would be tried for ever")
	}
}

func TestHandlersAreBoundInNumberAndTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAPI()
		var busy, most atomic.Int32
		in := newTestIntake(t, a, IntakeConfig{
			Concurrency: 8, HandleTimeout: 20 * time.Second,
			Handler: func(ctx context.Context, _ *models.Update) error {
				most.Store(max(most.Load(), busy.Add(1)))
				defer busy.Add(-1)
				<-ctx.Done()
				return nil
			},
		})
		for id := range int64(40) {
			a.message(1+id, 1+id)
		}
		stop := running(t, in)
		time.Sleep(101 * time.Second)
		_ = stop()
		if most.Load() != 8 {
			t.Errorf("%d at the same time, want 8", most.Load())
		}
		if left := a.waiting(); len(left) > 0 {
			t.Errorf("kept by Telegram: %v", left)
		}
	})
}

func TestOnceForgetsTheOldest(t *testing.T) {
	t.Parallel()
	o := newOnce()
	for id := range int64(recentMost + 5) {
		o.remember(id)
		o.remember(id)
	}
	for id, want := range map[int64]bool{0: false, 4: false, 5: true, recentMost + 4: true, recentMost + 5: false} {
		if got := o.seen(id); got != want {
			t.Errorf("update %d seen: %v, want %v", id, got, want)
		}
	}
	if len(o.recent) != recentMost {
		t.Errorf("%d remembered, want %d", len(o.recent), recentMost)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, registry := newAPI(), prometheus.NewRegistry()
		metrics := NewMetrics(registry)
		client := newTestClient(t, a, func(c *ClientConfig) { c.Metrics = metrics })
		in := NewIntake(IntakeConfig{Client: client, Metrics: metrics, Logger: quiet, Handler: func(ctx context.Context, u *models.Update) error {
			_, err := client.SendMessage(ctx, &bot.SendMessageParams{ChatID: ChatOf(u), Text: "hello"})
			return err
		}})
		a.message(1, 9)
		stop := running(t, in)
		time.Sleep(time.Second)
		_ = stop()
		if got := testutil.ToFloat64(metrics.inHand); got != 0 {
			t.Errorf("%v in hand at the end", got)
		}
		for name, want := range map[string]int{
			"telegram_update_seconds":     1, // handled
			"telegram_turn_wait_seconds":  1,
			"telegram_call_seconds":       3, // getMe, getUpdates, sendMessage
			"telegram_limit_wait_seconds": 1, // chat
		} {
			if got, err := testutil.GatherAndCount(registry, name); err != nil || got != want {
				t.Errorf("%s has %d series (%v), want %d", name, got, err, want)
			}
		}
	})
}
