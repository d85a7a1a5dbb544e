package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

func TestClassify(t *testing.T) {
	t.Parallel()
	const badRequest, forbidden = 400, 403
	for _, tc := range []struct {
		code int
		text string
		want Outcome
	}{
		{badRequest, "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message", NotModified},
		{badRequest, "Bad Request: query is too old and response timeout expired or query ID is invalid", QueryTooOld},
		{forbidden, "Forbidden: bot was blocked by the user", Blocked},
		{forbidden, "Forbidden: user is deactivated", Deactivated},
		{forbidden, "Forbidden: bot was kicked from the group chat", Blocked},
		{forbidden, "Forbidden: bot was kicked from the supergroup chat", Blocked},
		{forbidden, "Forbidden: the group chat was deleted", Blocked},
		{forbidden, "Forbidden: bot can't initiate conversation with a user", CantInitiate},
		{badRequest, "Bad Request: chat not found", ChatNotFound},
		{badRequest, "Bad Request: message to edit not found", MessageGone},
		{badRequest, "Bad Request: message can't be edited", MessageGone},
		{badRequest, "Bad Request: there is no text in the message to edit", MessageGone},
		{badRequest, "Bad Request: message to delete not found", MessageGone},
		{badRequest, "Bad Request: message can't be deleted", MessageGone},
		{badRequest, "Bad Request: chat_id is empty", Permanent},
		{badRequest, "Bad Request: message text is empty", Permanent},
		{badRequest, "Bad Request: message is too long", Permanent},
		{badRequest, "Bad Request: message caption is too long", Permanent},
		{badRequest, "Bad Request: message to be replied not found", Permanent},
		{badRequest, "Bad Request: BUTTON_DATA_INVALID", Permanent},
		{badRequest, "Bad Request: can't parse entities: Unsupported start tag \"chat not found\" at byte offset 3", Permanent},
		{401, "Unauthorized", Unauthorized},
		{404, "Not Found: method not found", Permanent},
		{409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running", Conflict},
		{409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first", Conflict},
		{429, "Too Many Requests: retry after 5", TooMany},
	} {
		err := (&envelope{Code: tc.code, Description: tc.text}).err()
		if got := Classify(fmt.Errorf("send card: %w", err)); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.text, got, tc.want)
		}
	}
	for err, want := range map[error]Outcome{
		nil:                                  OK,
		&CallError{Status: 500}:              Transient,
		&CallError{Err: errors.New("reset")}: Transient,
		&CallError{Status: 413}:              Permanent,
		&CallError{Status: 302}:              Permanent,
		&CallError{Status: 429}:              Transient,
		context.DeadlineExceeded:             Transient,
		errors.New("anything else"):          Permanent,
	} {
		if got := Classify(err); got != want {
			t.Errorf("%v: %v, want %v", err, got, want)
		}
	}
}

// What each kind of call does in the face of each kind of trouble. A read stands for all that
// may be repeated.
func TestRetryMatrix(t *testing.T) {
	t.Parallel()
	dial := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	html := func(code int) *http.Response { return respond(code, "text/html", "<html>sorry</html>") }
	for _, tc := range []struct {
		name         string
		resp         func() *http.Response
		err          error
		hang         bool
		reads, sends int // attempts when the trouble stays
		outcome      Outcome
		unsure       bool // of the last error of a send
		recovers     bool // one trouble only: a send gets through in the end
	}{
		{name: "no connection", err: dial, reads: 5, sends: 5, outcome: Transient, recovers: true},
		{name: "connection lost", err: errors.New("unexpected EOF"), reads: 5, sends: 1, outcome: Transient, unsure: true},
		{name: "no answer in time", hang: true, reads: 2, sends: 1, outcome: Transient, unsure: true},
		{name: "Telegram's 500", resp: func() *http.Response { return refused(500, "Internal Server Error") }, reads: 5, sends: 1, outcome: Transient, unsure: true},
		{name: "gateway's 502", resp: func() *http.Response { return html(502) }, reads: 5, sends: 1, outcome: Transient, unsure: true},
		{name: "gateway's 503", resp: func() *http.Response { return html(503) }, reads: 5, sends: 5, outcome: Transient, recovers: true},
		{name: "gateway's 504", resp: func() *http.Response { return html(504) }, reads: 5, sends: 1, outcome: Transient, unsure: true},
		{name: "gateway's 413", resp: func() *http.Response { return html(413) }, reads: 1, sends: 1, outcome: Permanent},
		{name: "gateway's redirect", resp: func() *http.Response { return html(302) }, reads: 1, sends: 1, outcome: Permanent},
		{name: "429", resp: func() *http.Response { return tooManyFor(9) }, reads: 5, sends: 5, outcome: TooMany, recovers: true},
		{name: "429 for long", resp: func() *http.Response { return tooManyFor(3600) }, reads: 1, sends: 1, outcome: TooMany},
		{name: "400", resp: func() *http.Response { return refused(400, "Bad Request: chat not found") }, reads: 1, sends: 1, outcome: ChatNotFound},
		{name: "401", resp: func() *http.Response { return refused(401, "Unauthorized") }, reads: 1, sends: 1, outcome: Unauthorized},
		{name: "403", resp: func() *http.Response { return refused(403, "Forbidden: bot was blocked by the user") }, reads: 1, sends: 1, outcome: Blocked},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAPI()
				client := newTestClient(t, hangOn(a, tc.hang), nil)
				var attempts, troubles atomic.Int32
				trouble := func(string, map[string]string) (*http.Response, error) {
					attempts.Add(1)
					if troubles.Add(-1) < 0 {
						return nil, nil
					}
					if tc.resp != nil {
						return tc.resp(), nil
					}
					return nil, tc.err
				}
				a.reply = trouble
				started := time.Now()
				check := func(kind string, err error, want int) {
					t.Helper()
					if got := int(attempts.Swap(0)); got != want && !tc.hang {
						t.Errorf("%s: %d attempts, want %d", kind, got, want)
					}
					if got := Classify(err); got != tc.outcome {
						t.Errorf("%s: %v (%v), want %v", kind, got, err, tc.outcome)
					}
					if err != nil && strings.Contains(err.Error(), "AAHdqTcv") {
						t.Errorf("%s: the error shows the token: %v", kind, err)
					}
					if took := time.Since(started); took > patience+callTimeout {
						t.Errorf("%s took %v", kind, took)
					}
					started = time.Now()
				}
				troubles.Store(1000)
				_, err := client.GetChat(t.Context(), &bot.GetChatParams{ChatID: 5})
				check("read", err, tc.reads)
				troubles.Store(1000)
				_, err = client.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: 5, Text: "hello"})
				check("send", err, tc.sends)
				var unanswered *CallError
				if errors.As(err, &unanswered) && unanswered.Unsure != tc.unsure {
					t.Errorf("unsure: %v, want %v", unanswered.Unsure, tc.unsure)
				}
				troubles.Store(1)
				_, err = client.SendMessage(t.Context(), &bot.SendMessageParams{ChatID: 6, Text: "hello"})
				if (err == nil) != tc.recovers && !tc.hang {
					t.Errorf("a send after one trouble: %v", err)
				}
			})
		})
	}
}

// hangOn lets every call after getMe wait for its end.
func hangOn(a *api, hang bool) http.RoundTripper {
	return roundTrip(func(req *http.Request) (*http.Response, error) {
		if hang && !strings.HasSuffix(req.URL.Path, "/getMe") {
			<-req.Context().Done()
			return nil, req.Context().Err()
		}
		return a.RoundTrip(req)
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestNotModifiedIsSuccess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAPI()
		client := newTestClient(t, a, nil)
		a.reply = func(string, map[string]string) (*http.Response, error) {
			return refused(400, "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message"), nil
		}
		want := Sent{Chat: 5, ID: 17}
		got, err := client.EditMessageText(t.Context(), &bot.EditMessageTextParams{ChatID: int64(5), MessageID: 17, Text: "same"})
		if err != nil || got != want {
			t.Errorf("edit: %+v, %v; want message 17 of chat 5", got, err)
		}
		got, err = client.EditMessageReplyMarkup(t.Context(), &bot.EditMessageReplyMarkupParams{ChatID: "5", MessageID: 17})
		if err != nil || got != want {
			t.Errorf("edit of buttons: %+v, %v; want message 17 of chat 5", got, err)
		}
		library, err := client.EditMessageCaption(t.Context(), &bot.EditMessageCaptionParams{ChatID: 5, MessageID: 17, Caption: "same"})
		if err != nil || library.ID != 17 || library.Chat.ID != 5 {
			t.Errorf("edit of a caption: %+v, %v; want message 17 of chat 5", library, err)
		}
	})
}

func TestCallEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newTestClient(t, hangOn(newAPI(), true), nil)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		started := time.Now()
		_, err := client.GetChat(ctx, &bot.GetChatParams{ChatID: 5})
		var unanswered *CallError
		if !errors.Is(err, context.DeadlineExceeded) || errors.As(err, &unanswered) {
			t.Errorf("call: %v, want the context's error alone", err)
		}
		if took := time.Since(started); took != 3*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestNewClientRefuses(t *testing.T) {
	t.Parallel()
	for _, config := range []ClientConfig{
		{},
		{Token: "no colon"},
		{Token: "1:with%zzescape"},
		{Token: testToken, APIURL: "api.telegram.org"},
		{Token: testToken, APIURL: "ftp://api.telegram.org"},
		{Token: testToken, APIURL: "http://%zz"},
	} {
		_, err := NewClient(t.Context(), config)
		if err == nil || config.Token != "" && strings.Contains(err.Error(), config.Token) {
			t.Errorf("%+v: %v", config, err)
		}
	}
}

// Over real HTTP: the library's streamed forms arrive with a length, and errors of the
// network's show no token.
func TestOverHTTP(t *testing.T) {
	t.Parallel()
	a := newAPI()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		resp, err := a.RoundTrip(r)
		if err != nil {
			t.Error(err)
			return
		}
		w.WriteHeader(resp.StatusCode)
		_, _ = io.Copy(w, resp.Body)
	}))
	defer server.Close()
	client, err := NewClient(t.Context(), ClientConfig{Token: testToken, APIURL: server.URL + "/", Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	if got := client.Me().Username; got != "clinic_bot" {
		t.Errorf("we are %q", got)
	}
	big := strings.NewReader(strings.Repeat("x", 3<<20))
	_, err = client.SendDocument(t.Context(), &bot.SendDocumentParams{ChatID: 5, Document: &models.InputFileUpload{Filename: "a.csv", Data: big}})
	if err != nil {
		t.Errorf("send document: %v", err)
	}
	if calls := a.sentSoFar("sendDocument"); len(calls) != 1 || calls[0].chat != "5" {
		t.Errorf("calls: %+v", calls)
	}
	if err := client.UsePolling(t.Context()); err != nil {
		t.Errorf("use polling: %v", err)
	}
	if err := client.UseWebhook(t.Context(), "https://clinic.example/telegram", client.WebhookSecret()); err != nil {
		t.Errorf("use webhook: %v", err)
	}
	server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), backoffFirst/2) // too short for another attempt
	defer cancel()
	_, err = client.GetMe(ctx)
	if Classify(err) != Transient || strings.Contains(err.Error(), "AAHdqTcv") {
		t.Errorf("get me: %v", err)
	}
}
