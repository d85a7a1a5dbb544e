package telegram

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestAnswers: the bot's own calls tell whether Telegram answers. It is asked only when they are old, and not more often
// than every few seconds while it is away.
func TestAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var answer func() (*http.Response, error)
		a := newAPI()
		a.reply = func(string, map[string]string) (*http.Response, error) {
			if answer == nil {
				return nil, nil
			}
			return answer()
		}
		client := newTestClient(t, a, nil) // which asks who it is
		gone := func() (*http.Response, error) { return nil, io.ErrUnexpectedEOF }
		for _, step := range []struct {
			name   string
			pass   time.Duration
			answer func() (*http.Response, error)
			calls  int // made in this step
			want   string
		}{
			{"just answered", 0, gone, 0, ""},
			{"answered within the minute", 59 * time.Second, gone, 0, ""},
			{"long ago, and gone", time.Second, gone, 1, "no answer"},
			{"known to be gone", time.Second, nil, 0, "no answer"},
			{"back", 5 * time.Second, nil, 1, ""},
			{"in trouble", time.Minute, func() (*http.Response, error) { return refused(502, "Bad Gateway"), nil }, 1, "in trouble"},
			{"token taken back", 5 * time.Second, func() (*http.Response, error) { return refused(401, "Unauthorized"), nil }, 1, "token is not valid"},
			{"refusing is answering", 5 * time.Second, func() (*http.Response, error) { return tooManyFor(3), nil }, 1, ""},
		} {
			time.Sleep(step.pass)
			answer = step.answer
			before := len(a.sentSoFar("getMe"))
			err := client.Answers(t.Context())
			if calls := len(a.sentSoFar("getMe")) - before; calls != step.calls {
				t.Errorf("%s: Telegram is asked %d times, want %d", step.name, calls, step.calls)
			}
			switch {
			case step.want == "" && err != nil:
				t.Errorf("%s: %v", step.name, err)
			case step.want != "" && (err == nil || !strings.Contains(err.Error(), step.want)):
				t.Errorf("%s: got %v, want %q", step.name, err, step.want)
			}
		}
	})
}
