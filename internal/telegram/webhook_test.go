package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-telegram/bot/models"
	"github.com/google/go-cmp/cmp"
)

const testSecret = "5e7cf0e6a1"

// deliver brings one update as Telegram does and returns the answer.
func deliver(ctx context.Context, h http.Handler, body string) *httptest.ResponseRecorder {
	req := httptest.NewRequestWithContext(ctx, http.MethodPost, "/telegram", strings.NewReader(body))
	req.Header.Set(secretHeader, testSecret)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w
}

func messageJSON(id, chat int64) string {
	return fmt.Sprintf(`{"update_id":%d,"message":{"message_id":1,"date":1,"chat":{"id":%d,"type":"private"},"text":"%d"}}`, id, chat, id)
}

func TestWebhookRefuses(t *testing.T) {
	t.Parallel()
	var done atomic.Int32
	in := newTestIntake(t, newAPI(), IntakeConfig{Handler: func(context.Context, *models.Update) error {
		done.Add(1)
		return nil
	}})
	good := messageJSON(1, 9)
	for _, tc := range []struct {
		name, method, secret, given, body string
		want                              int
		handled                           int32
	}{
		{"GET", http.MethodGet, testSecret, testSecret, "", 405, 0},
		{"PUT", http.MethodPut, testSecret, testSecret, good, 405, 0},
		{"no secret", http.MethodPost, testSecret, "", good, 401, 0},
		{"wrong secret", http.MethodPost, testSecret, testSecret + "x", good, 401, 0},
		{"no secret configured", http.MethodPost, "", "", good, 401, 0},
		{"empty", http.MethodPost, testSecret, testSecret, "", 400, 0},
		{"not JSON", http.MethodPost, testSecret, testSecret, "hello", 400, 0},
		{"cut off", http.MethodPost, testSecret, testSecret, good[:40], 400, 0},
		{"two values", http.MethodPost, testSecret, testSecret, good + good, 400, 0},
		{"a list", http.MethodPost, testSecret, testSecret, "[" + good + "]", 400, 0},
		{"no id", http.MethodPost, testSecret, testSecret, `{"message":{}}`, 400, 0},
		{"too deep", http.MethodPost, testSecret, testSecret, strings.Repeat("[", 20_000), 400, 0},
		{"too large", http.MethodPost, testSecret, testSecret, good + strings.Repeat(" ", 1<<20), 413, 0},
		{"of another shape", http.MethodPost, testSecret, testSecret, `{"update_id":2,"message":[1]}`, 200, 0},
		{"good", http.MethodPost, testSecret, testSecret, good, 200, 1},
		{"good again", http.MethodPost, testSecret, testSecret, good, 200, 0},
		{"just small enough", http.MethodPost, testSecret, testSecret, messageJSON(3, 9) + strings.Repeat(" ", 1<<20-200), 200, 1},
	} {
		req := httptest.NewRequest(tc.method, "/telegram", strings.NewReader(tc.body))
		if tc.given != "" {
			req.Header.Set(secretHeader, tc.given)
		}
		w := httptest.NewRecorder()
		in.Webhook(tc.secret).ServeHTTP(w, req)
		if w.Code != tc.want {
			t.Errorf("%s: %d, want %d", tc.name, w.Code, tc.want)
		}
		if got := done.Swap(0); got != tc.handled {
			t.Errorf("%s: handled %d times, want %d", tc.name, got, tc.handled)
		}
	}
}

func TestWebhookAnswersAfterHandling(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var failures, sorry int
		in := newTestIntake(t, newAPI(), IntakeConfig{
			Handler: func(_ context.Context, u *models.Update) error {
				switch u.ID {
				case 1:
					time.Sleep(3 * time.Second)
				case 2:
					return fmt.Errorf("find owner: %w", ErrUnavailable)
				case 3:
					failures++
					return errors.New("broken")
				}
				return nil
			},
			Apologize: func(context.Context, *models.Update) { sorry++ },
		})
		h := in.Webhook(testSecret)
		started := time.Now()
		if w := deliver(t.Context(), h, messageJSON(1, 9)); w.Code != 200 || time.Since(started) != 3*time.Second {
			t.Errorf("%d after %v, want 200 after the 3 s of the handler", w.Code, time.Since(started))
		}
		for range 5 {
			if w := deliver(t.Context(), h, messageJSON(2, 9)); w.Code != 503 || w.Header().Get("Retry-After") != "5" {
				t.Errorf("unavailable: %d, retry after %q", w.Code, w.Header().Get("Retry-After"))
			}
		}
		var codes []int
		for range 4 {
			codes = append(codes, deliver(t.Context(), h, messageJSON(3, 9)).Code)
		}
		if diff := cmp.Diff([]int{503, 503, 200, 200}, codes); diff != "" || failures != 3 || sorry != 1 {
			t.Errorf("failed %d times, apologized %d times; answers (-want +got):\n%s", failures, sorry, diff)
		}
	})
}

// When Telegram hangs up, or has to be asked to come again, what was begun goes on, and is not
// done twice.
func TestWebhookHandlingOutlivesItsRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var begun, done atomic.Int32
		in := newTestIntake(t, newAPI(), IntakeConfig{Handler: func(ctx context.Context, u *models.Update) error {
			begun.Add(1)
			if err := sleep(ctx, 30*time.Second); err != nil {
				return err
			}
			done.Add(1)
			return nil
		}})
		h := in.Webhook(testSecret)
		ctx, hangUp := context.WithTimeout(t.Context(), time.Second)
		defer hangUp()
		deliver(ctx, h, messageJSON(1, 9))
		if w := deliver(t.Context(), h, messageJSON(1, 9)); w.Code != 200 {
			t.Errorf("brought again: %d, want 200", w.Code)
		}
		if begun.Load() != 1 || done.Load() != 1 {
			t.Errorf("begun %d times, done %d times, want once", begun.Load(), done.Load())
		}

		// Three of one chat at once: the third's turn comes only after Telegram's patience.
		started := time.Now()
		codes := make(chan int, 3)
		for id := range int64(3) {
			go func() { codes <- deliver(t.Context(), h, messageJSON(10+id, 9)).Code }()
			synctest.Wait()
		}
		if got := []int{<-codes, <-codes, <-codes}; !cmp.Equal(got, []int{200, 503, 503}) {
			t.Errorf("answers: %v", got)
		}
		if took := time.Since(started); took != webhookPatience {
			t.Errorf("the last was answered after %v", took)
		}
		time.Sleep(time.Minute)
		if done.Load() != 4 {
			t.Errorf("%d done, want all 4", done.Load())
		}
	})
}

func TestWebhookShutdown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in := newTestIntake(t, newAPI(), IntakeConfig{Handler: func(ctx context.Context, _ *models.Update) error {
			return sleep(ctx, 4*time.Second)
		}})
		h := in.Webhook(testSecret)
		codes := make(chan int, 2)
		for id := range int64(2) {
			go func() { codes <- deliver(t.Context(), h, messageJSON(1+id, 9)).Code }()
			synctest.Wait()
		}
		if err := in.Drain(t.Context()); err != nil {
			t.Errorf("drain: %v", err)
		}
		if got := []int{<-codes, <-codes}; min(got[0], got[1]) != 200 || max(got[0], got[1]) != 503 {
			t.Errorf("answers: %v, want the begun one handled and the waiting one sent back", got)
		}
		if w := deliver(t.Context(), h, messageJSON(3, 8)); w.Code != 503 || w.Header().Get("Retry-After") == "" {
			t.Errorf("after the end: %d", w.Code)
		}
	})
}

// A tap that needs no words is answered in the answer to its request, and again when it comes again; when the update
// fails there is none, and by polling it is a call.
func TestTapAnsweredInTheWebhooksAnswer(t *testing.T) {
	t.Parallel()
	a := newAPI()
	fail := true
	var in *Intake
	in = newTestIntake(t, a, IntakeConfig{Handler: func(ctx context.Context, u *models.Update) error {
		if fail {
			return errors.New("not this time")
		}
		if u.CallbackQuery == nil {
			return nil
		}
		return in.client.EndTap(ctx, u.CallbackQuery.ID)
	}})
	const tap = `{"update_id":1,"callback_query":{"id":"77","from":{"id":9},"data":"x"}}`
	h := in.Webhook(testSecret)
	if w := deliver(t.Context(), h, tap); w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "answer") {
		t.Errorf("failed: %d %s", w.Code, w.Body)
	}
	fail = false
	for range 2 {
		w := deliver(t.Context(), h, tap)
		if got := strings.TrimSpace(w.Body.String()); w.Code != http.StatusOK || got != `{"callback_query_id":"77","method":"answerCallbackQuery"}` {
			t.Errorf("%d %s", w.Code, got)
		}
		if got := w.Header().Get("Content-Type"); got != "application/json" {
			t.Errorf("as %s", got)
		}
	}
	if w := deliver(t.Context(), h, messageJSON(2, 9)); w.Body.Len() > 0 && strings.Contains(w.Body.String(), "method") {
		t.Errorf("a message was answered: %s", w.Body)
	}
	if calls := a.sentSoFar("answerCallbackQuery"); len(calls) > 0 {
		t.Errorf("%d calls, want none", len(calls))
	}
	if err := in.client.EndTap(t.Context(), "78"); err != nil {
		t.Error(err)
	}
	if calls := a.sentSoFar("answerCallbackQuery"); len(calls) != 1 {
		t.Errorf("%d calls, want one", len(calls))
	}
}
