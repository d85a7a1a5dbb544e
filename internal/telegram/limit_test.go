package telegram

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/go-telegram/bot"
	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"
)

// mostWithin returns the largest number of moments in any stretch of time of length d.
func mostWithin(moments []time.Time, d time.Duration) int {
	slices.SortFunc(moments, time.Time.Compare)
	most, from := 0, 0
	for i := range moments {
		for moments[i].Sub(moments[from]) >= d {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

func moments(calls []sent, chat string) []time.Time {
	var at []time.Time
	for _, c := range calls {
		if chat == "" || c.chat == chat {
			at = append(at, c.at)
		}
	}
	return at
}

func TestNoSecondHoldsMoreThanTheLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAPI()
		client := newTestClient(t, a, nil)
		started := time.Now()
		var group errgroup.Group
		for chat := range 500 {
			group.Go(func() error {
				_, err := client.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: 1 + chat, Text: "hello"})
				return err
			})
		}
		if err := group.Wait(); err != nil {
			t.Error(err)
		}
		if took := time.Since(started); took > 20*time.Second {
			t.Errorf("500 messages took %v", took)
		}
		if got := mostWithin(moments(a.sentSoFar("sendMessage"), ""), time.Second); got > 30 || got < 28 {
			t.Errorf("%d messages within a second, want close to 30 and not more", got)
		}
	})
}

func TestOneChatGetsABurstAndThenOneASecond(t *testing.T) {
	t.Parallel()
	for method, edit := range map[string]func(context.Context, *Client) error{
		"editMessageText": func(ctx context.Context, c *Client) error {
			_, err := c.EditMessageText(ctx, &bot.EditMessageTextParams{ChatID: 5, MessageID: 1, Text: "hello"})
			return err
		},
		"editMessageCaption": func(ctx context.Context, c *Client) error { // by the library
			_, err := c.EditMessageCaption(ctx, &bot.EditMessageCaptionParams{ChatID: 5, MessageID: 1, Caption: "hello"})
			return err
		},
	} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAPI()
				client := newTestClient(t, a, nil)
				for range 12 {
					if err := edit(t.Context(), client); err != nil {
						t.Error(err)
					}
					if _, err := client.AnswerCallbackQuery(t.Context(), &bot.AnswerCallbackQueryParams{CallbackQueryID: "1"}); err != nil {
						t.Error(err)
					}
				}
				at := moments(a.sentSoFar(method), "5")
				if d := at[3].Sub(at[0]); d > 200*time.Millisecond {
					t.Errorf("the first four took %v", d)
				}
				if d := at[11].Sub(at[3]); d < 7*time.Second || d > 8*time.Second {
					t.Errorf("the next eight took %v", d)
				}
			})
		})
	}
}

func TestPeopleGoBeforeBulk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAPI()
		client := newTestClient(t, a, nil)
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		for worker := range 8 {
			group.Go(func() {
				for n := 0; ctx.Err() == nil; n++ {
					_, _ = client.SendMessage(Bulk(ctx), &bot.SendMessageParams{ChatID: 1000 + 100_000*worker + n, Text: "reminder"})
				}
			})
		}
		for person := range 20 {
			time.Sleep(337 * time.Millisecond)
			started := time.Now()
			if _, err := client.SendMessage(ctx, &bot.SendMessageParams{ChatID: 1 + person, Text: "answer"}); err != nil {
				t.Error(err)
			}
			if took := time.Since(started); took > 2*time.Second/30 {
				t.Errorf("somebody who is chatting waited %v for reminders", took)
			}
		}
		cancel()
		group.Wait()
		at := moments(a.sentSoFar("sendMessage"), "")
		if got := mostWithin(at, time.Second); got > 30 {
			t.Errorf("%d messages within a second", got)
		}
		if got := len(at); got < 150 {
			t.Errorf("%d messages in 7 s: bulk starves", got)
		}
	})
}

// Alone, bulk uses the bot's limit to the full: each message waits for its turn first, and no more when it is sent.
func TestBulkKeepsThePace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAPI()
		client := newTestClient(t, a, nil)
		started := time.Now()
		const senders, each = 4, 150
		var group sync.WaitGroup
		for sender := range senders {
			group.Go(func() {
				for n := range each {
					chat := 1000*sender + n + 1
					turn, err := client.Turn(t.Context(), int64(chat))
					if err != nil {
						t.Error(err)
					}
					had := time.Now()
					if _, err := client.SendMessage(turn, &bot.SendMessageParams{ChatID: chat, Text: "reminder"}); err != nil {
						t.Error(err)
					}
					if waited := time.Since(had); waited > 0 {
						t.Errorf("waited for its turn twice: %v", waited)
					}
				}
			})
		}
		group.Wait()
		if pace := senders * each / time.Since(started).Seconds(); pace < 29 {
			t.Errorf("%.2f messages a second, want 29", pace)
		}
		if got := mostWithin(moments(a.sentSoFar("sendMessage"), ""), time.Second); got > 30 {
			t.Errorf("%d messages within a second", got)
		}
	})
}

func TestRetryAfterPausesTheChatOrEverybody(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		refused int
		others  time.Duration // how long somebody else waits
	}{
		{refused: 1, others: 0},
		{refused: 2, others: 0},
		{refused: 3, others: 20 * time.Second},
	} {
		t.Run(strconv.Itoa(tc.refused), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAPI()
				client := newTestClient(t, a, nil)
				started := time.Now()
				a.reply = func(_ string, form map[string]string) (*http.Response, error) {
					if chat, _ := strconv.Atoi(form["chat_id"]); chat <= tc.refused && time.Since(started) < 20*time.Second {
						return tooManyFor(20), nil
					}
					return nil, nil
				}
				var group errgroup.Group
				say := func(chat int) time.Duration {
					_, err := client.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: chat, Text: "hello"})
					if err != nil {
						t.Errorf("chat %d: %v", chat, err)
					}
					return time.Since(started)
				}
				for chat := 1; chat <= tc.refused; chat++ {
					group.Go(func() error {
						if got := say(chat); got < 20*time.Second || got > 21*time.Second {
							t.Errorf("a refused chat got its message after %v", got)
						}
						return nil
					})
				}
				time.Sleep(200 * time.Millisecond)
				if got := say(99); got < tc.others || got > tc.others+time.Second {
					t.Errorf("somebody else got a message after %v, want %v", got, tc.others)
				}
				_ = group.Wait()
				if got := len(a.sentSoFar("sendMessage")); got != 2*tc.refused+1 {
					t.Errorf("%d calls, want each refused one once more", got)
				}
			})
		})
	}
}

func TestTooLongAWaitIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAPI()
		client := newTestClient(t, a, nil)
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		var refusal error
		for refusal == nil {
			_, refusal = client.SendMessage(ctx, &bot.SendMessageParams{ChatID: 5, Text: "hello"})
		}
		if ctx.Err() != nil || Classify(refusal) != TooMany || RetryAfter(refusal) != time.Second {
			t.Errorf("%v (context: %v), want too many for 1 s while there is time", refusal, ctx.Err())
		}
		if got := len(a.sentSoFar("sendMessage")); got != 6 {
			t.Errorf("%d sent, want a burst of 4 and 2 more", got)
		}
	})
}

func TestLimiterForgetsQuietChats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(ClientConfig{Token: testToken, Logger: quiet})
		for chat := range 20_000 {
			l.takeLocal(time.Now(), fmt.Sprint(chat), l.chats, 0, 0)
			time.Sleep(10 * time.Millisecond)
		}
		if got := len(l.local); got > 2100 {
			t.Errorf("%d chats remembered", got)
		}
	})
}

// The script in Redis and the bucket in memory give the same answers, whatever is asked when.
func TestTheScriptIsTheBucket(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	remote := redisAt(t, server.Addr())
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		name := "bucket" + strconv.Itoa(n)
		l := newLimiter(ClientConfig{Token: testToken, Logger: quiet})
		p := pace{
			every: time.Duration(rapid.IntRange(1, 2000).Draw(rt, "every")) * time.Millisecond,
			burst: rapid.IntRange(2, 5).Draw(rt, "burst"),
		}
		now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(rt, "pass")) * time.Millisecond)
			keep := rapid.IntRange(0, 1).Draw(rt, "keep")
			// Half a millisecond keeps what is booked off the edge, where rounding decides.
			book := time.Duration(rapid.IntRange(0, 5000).Draw(rt, "book"))*time.Millisecond + 500*time.Microsecond
			server.SetTime(now)
			got, err := takeScript.Run(t.Context(), remote, []string{name}, p.every.Microseconds(), p.burst, keep, book.Microseconds()).Int64()
			if err != nil {
				rt.Fatal(err)
			}
			want, taken := l.takeLocal(now, name, p, keep, book)
			if taken != (got >= 0) {
				rt.Fatalf("script %d, bucket %v, %v", got, want, taken)
			}
			if d := time.Duration(max(got, -got))*time.Microsecond - want; d.Abs() > 5*time.Microsecond {
				rt.Fatalf("script %d, bucket %v", got, want)
			}
		}
	})
}
