package telegram

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/go-telegram/bot/models"
)

// updateSeeds are updates as they should not be.
var updateSeeds = []string{
	messageJSON(1, 9),
	`{"update_id":2,"callback_query":{"id":"1","from":{"id":9},"data":"x","message":null}}`,
	`{"update_id":3,"callback_query":{"id":"1","from":{"id":9},"message":{"chat":{"id":9},"date":0}}}`,
	`{"update_id":4,"my_chat_member":{"chat":{"id":9},"old_chat_member":{"status":"member"},"new_chat_member":{"status":"kicked"}}}`,
	`{"update_id":5,"my_chat_member":{"new_chat_member":{"status":"nonsense"}}}`,
	`{"update_id":6,"update_id":7,"message":{},"message":null,"Message":{"chat":{"id":-1}}}`,
	`{"update_id":8,"message":{"text":"\ud83d","entities":[{"type":"bot_command","offset":-1,"length":9e9}]}}`,
	`{"update_id":9,"message":{"photo":[],"contact":{},"from":null}}`,
	`{"update_id":10,"inline_query":{"from":null},"poll":{},"edited_message":{}}`,
	`{"update_id":1e400}`, `{"update_id":9223372036854775807}`, `{"update_id":9223372036854775808}`, `{"update_id":-1}`, `{"update_id":0}`,
	`{"update_id":1.5}`, `{"UPDATE_ID":1}`, `{"update_id":"1"}`, `{"update_id":11,"message":` + strings.Repeat("[", 50) + strings.Repeat("]", 50) + `}`,
	`null`, `{}`, `[]`, `{"update_id":`, "\xff\xfe", ``, "{\"update_id\":12,\"message\":{\"text\":\"\xff\x00\"}}",
}

// FuzzReadUpdate decodes whatever comes as an update. What has an id is never lost or read as nothing, what is read is read the
// same when it is written again, and every update belongs to one chat's line.
func FuzzReadUpdate(f *testing.F) {
	for _, seed := range updateSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		u, err := readUpdate(raw)
		switch {
		case u == nil && err == nil:
			t.Error("neither an update nor an error")
		case u == nil:
			return
		case u.ID == 0:
			t.Error("an update without an id would be forgotten")
		case err != nil && !reflect.DeepEqual(u, &models.Update{ID: u.ID}):
			t.Errorf("with an error there is more than the id: %+v", u)
		}
		chat := ChatOf(u)
		again, err := json.Marshal(u)
		if err != nil {
			return // the library cannot write all that it reads: a chat member without a status
		}
		if same, err := readUpdate(again); err != nil || same.ID != u.ID || ChatOf(same) != chat {
			t.Errorf("%s of chat %d, written as %s, is of chat %d: %v", raw, chat, again, ChatOf(same), err)
		}
	})
}

// FuzzWebhookRequest brings whatever request: only Telegram's own reach the handler, the others are told that it is their fault.
func FuzzWebhookRequest(f *testing.F) {
	for _, body := range updateSeeds {
		f.Add(http.MethodPost, testSecret, "application/json", body)
	}
	f.Add(http.MethodGet, testSecret, "", "")
	f.Add(http.MethodPost, "", "text/plain", messageJSON(1, 9))
	f.Add(http.MethodPost, testSecret+"\x00", "", messageJSON(1, 9))
	f.Add("post", testSecret, "multipart/form-data; boundary=x", "--x--")
	f.Add("\x00", "\r\n", "\xff", "")
	f.Fuzz(func(t *testing.T, method, secret, kind, body string) {
		handled := 0
		in := newTestIntake(t, newAPI(), IntakeConfig{Handler: func(context.Context, *models.Update) error { handled++; return nil }})
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/telegram", strings.NewReader(body))
		r.Method = method
		r.Header[secretHeader] = []string{secret}
		r.Header["Content-Type"] = []string{kind}
		w := httptest.NewRecorder()
		in.Webhook(testSecret).ServeHTTP(w, r)
		u, err := readUpdate([]byte(body))
		want, times := http.StatusOK, 0
		switch {
		case method != http.MethodPost:
			want = http.StatusMethodNotAllowed
		case secret != testSecret:
			want = http.StatusUnauthorized
		case len(body) > webhookBody:
			want = http.StatusRequestEntityTooLarge
		case u == nil:
			want = http.StatusBadRequest
		case err == nil:
			times = 1
		}
		if w.Code != want || handled != times {
			t.Errorf("%q with secret %q: %d and handled %d times, want %d and %d", method, secret, w.Code, handled, want, times)
		}
	})
}
