package simulator

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// reflected is what encoding/json makes of v.
func reflected(t rapid.TB, v any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

func TestAnswersAreWrittenAsByReflection(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := draw[wireMessageOfText](t).message()
		m.ReplyToMessage = draw[wireMessageOfText](t).message()
		m.PinnedMessage = &wireMessage{
			Photo: draw[[]wireFile](t), Document: draw[*wireFile](t), Voice: draw[*wireFile](t), Contact: draw[*wireContact](t),
			Sticker: &wireSticker{wireFile: draw[wireFile](t)},
		}
		tap := &wireCallback{ID: draw[string](t), From: m.From, Message: m, ChatInstance: draw[string](t), Data: draw[string](t)}
		for _, v := range []any{
			m, &wireMessage{}, tap, &wireCallback{},
			[]json.RawMessage{encode(m), encode(tap)},
			[]json.RawMessage{},
			envelope{OK: true, Result: m},
			envelope{OK: true, Result: true, Description: draw[string](t)},
			envelope{ErrorCode: 429, Description: draw[string](t), Parameters: &parameters{RetryAfter: 3}},
		} {
			if diff := cmp.Diff(reflected(t, v), string(encode(v))); diff != "" {
				t.Fatalf("%T (-encoding/json +got):\n%s", v, diff)
			}
		}
	})
}

// wireMessageOfText are the parts of a message that can be drawn as they are.
type wireMessageOfText struct {
	ID           int
	From         User
	Chat         wireChat
	Date, Edited int64
	Protected    bool
	Text         string
	Entities     []Entity
	Caption      string
	Buttons      []string
}

func (d wireMessageOfText) message() *wireMessage {
	m := &wireMessage{
		MessageID: d.ID, From: d.From, Chat: d.Chat, Date: d.Date, EditDate: d.Edited, HasProtected: d.Protected,
		Text: d.Text, Entities: d.Entities, Caption: d.Caption, CaptionEntities: d.Entities,
	}
	for _, text := range d.Buttons {
		m.ReplyMarkup = append(m.ReplyMarkup, []InlineButton{{Text: text, Kind: "callback_data", Data: text}})
	}
	return m
}

func draw[T any](t *rapid.T) T { return rapid.Make[T]().Draw(t, "") }

func TestButtonsAreWritten(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		button InlineButton
		want   string
	}{
		{InlineButton{Kind: "callback_data", Data: "d", Pending: true}, `"callback_data":"d"`},
		{InlineButton{Kind: "callback_data", Data: "d", Style: "danger"}, `"style":"danger","callback_data":"d"`},
		{InlineButton{Kind: "url", URL: "https://e.com/?a&b"}, `"url":"https://e.com/?a&b"`},
		{InlineButton{Kind: "copy_text", Copy: "c"}, `"copy_text":{"text":"c"}`},
		{InlineButton{Kind: "web_app", WebApp: "https://e.com/"}, `"web_app":{"url":"https://e.com/"}`},
		{InlineButton{Kind: "login_url", URL: "https://e.com/"}, `"login_url":{"url":"https://e.com/"}`},
		{InlineButton{Kind: "switch_inline_query"}, `"switch_inline_query":""`},
		{InlineButton{Kind: "switch_inline_query_current_chat", Switch: "s"}, `"switch_inline_query_current_chat":"s"`},
		{InlineButton{Kind: "switch_inline_query_chosen_chat"}, `"switch_inline_query_chosen_chat":{}`},
	} {
		test.button.Text = "<"
		button := `{"text":"<",` + test.want + `}`
		want := `{"inline_keyboard":[[` + button + `,` + button + `],[]]}`
		if diff := cmp.Diff(want, reflected(t, wireInline{{test.button, test.button}, {}})); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// FuzzStrings holds what is written to what encoding/json writes, also of what is no text.
func FuzzStrings(f *testing.F) {
	for _, s := range []string{
		"", "Rex\nلولو 🐶", `"a\b"`, "<&>", "\x00\b\f\r\t\x1f\x7f", "\u2027\u2028\u2029\u202a", "\ufffd", "a\xffb\n\xf0\x9f", "\xed\xa0\x80",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var w jsonWriter
		w.string(s)
		if diff := cmp.Diff(reflected(t, s), string(w.b)); diff != "" {
			t.Errorf("%q (-encoding/json +got):\n%s", s, diff)
		}
	})
}
