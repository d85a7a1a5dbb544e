package simulator_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vetalyze/internal/simulator"
)

// newest returns the newest update as raw JSON objects.
func (w *world) newest() map[string]json.RawMessage {
	w.t.Helper()
	var all []map[string]json.RawMessage
	decode(w.t, w.ok("getUpdates", offset(-1)), &all)
	if len(all) == 0 {
		w.t.Fatal("no update")
	}
	return all[0]
}

func TestPersonSends(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tests := []struct {
		name string
		do   func(p *simulator.Person) int
		want string // part of the message that the bot gets
	}{
		{"text", func(p *simulator.Person) int { return p.Send("  hi\u202E  ") }, `"text":"hi"`},
		{
			"command", func(p *simulator.Person) int { return p.Send("/menu") },
			`"entities":[{"type":"bot_command","offset":0,"length":5}]`,
		},
		{"deep link", func(p *simulator.Person) int { return p.Start("abc-_1") }, `"text":"/start abc-_1"`},
		{"bad deep link", func(p *simulator.Person) int { return p.Start("a b") }, `"text":"/start"`},
		{
			"own contact", (*simulator.Person).ShareContact,
			`"contact":{"phone_number":"201001234567","first_name":"Amina","user_id":11}`,
		},
		{
			"other contact", func(p *simulator.Person) int { return p.SendContact("Omar Said", "0100", 0) },
			`"contact":{"phone_number":"0100","first_name":"Omar","last_name":"Said"}`,
		},
		{"sticker", func(p *simulator.Person) int { return p.SendSticker("🐈") }, `"emoji":"🐈"`},
		{"voice", (*simulator.Person).SendVoice, `"voice":{"file_id":"`},
		{
			"document", func(p *simulator.Person) int { return p.SendDocument("../a.pdf", []byte("%PDF")) },
			`"file_name":"a.pdf","mime_type":"application/pdf"`,
		},
		{
			"sender", func(p *simulator.Person) int { return p.Send("x") },
			`"from":{"id":11,"is_bot":false,"first_name":"Amina","language_code":"ar"}`,
		},
	}
	last := 0
	for _, test := range tests {
		id := test.do(w.amina)
		if id <= last {
			t.Errorf("%s: message id %d after %d", test.name, id, last)
		}
		last = id
		if got := string(w.newest()["message"]); !strings.Contains(got, test.want) {
			t.Errorf("%s: %s is not in %s", test.name, test.want, got)
		}
	}
	if id := w.amina.Send(" \n"); id != 0 {
		t.Errorf("a blank text was sent as %d", id)
	}
	before := len(w.amina.Chat())
	w.amina.Send(strings.Repeat("word ", 2000))
	if got := len(w.amina.Chat()) - before; got != 3 {
		t.Errorf("10,000 characters came in %d messages, want 3", got)
	}
}

func TestKeyboardUnderTheField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send("Your phone?", args{"reply_markup": `{"keyboard":[[{"text":"Share","request_contact":true}],["Skip"]],` +
		`"one_time_keyboard":true,"input_field_placeholder":"phone"}`})
	want := &simulator.ReplyKeyboard{
		Rows:    [][]simulator.ReplyButton{{{Text: "Share", RequestContact: true}}, {{Text: "Skip"}}},
		OneTime: true, Placeholder: "phone",
	}
	if diff := cmp.Diff(want, w.amina.Keyboard()); diff != "" {
		t.Error(diff)
	}
	if err := w.amina.Tap("Share"); err != nil {
		t.Fatal(err)
	}
	chat := w.amina.Chat()
	if m := chat[len(chat)-1]; m.Contact == nil || m.Contact.UserID != 11 {
		t.Errorf("shared %+v", m)
	}
	if w.amina.Keyboard() != nil {
		t.Error("a one-time keyboard is still there")
	}
	w.send("Name?", args{"reply_markup": `{"force_reply":true}`})
	asked, _ := w.amina.Last()
	w.amina.Send("Rex")
	chat = w.amina.Chat()
	if got := chat[len(chat)-1].ReplyTo; got != asked.ID {
		t.Errorf("answers message %d, want %d", got, asked.ID)
	}
	if !strings.Contains(string(w.newest()["message"]), `"reply_to_message"`) {
		t.Error("the bot does not see what was answered")
	}
	id := w.send("A or B", args{"reply_markup": `{"keyboard":[["A","B"]]}`})
	w.send("gone", args{"reply_markup": `{"remove_keyboard":true}`})
	if w.amina.Keyboard() != nil {
		t.Error("the keyboard was not removed")
	}
	w.send("A or B", args{"reply_markup": `{"keyboard":[["A","B"]]}`})
	w.ok("deleteMessages", args{"chat_id": "11", "message_ids": fmt.Sprintf("[%d,%d,999]", id, id+2)})
	if w.amina.Keyboard() != nil {
		t.Error("the keyboard outlived its message")
	}
}

func TestEditsInPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := fmt.Sprint(w.send("one", args{"reply_markup": button("a")}))
	w.ok("editMessageText", args{"chat_id": "11", "message_id": id, "text": "<i>two</i>", "parse_mode": "HTML"})
	m, _ := w.amina.Last()
	if m.Text != "two" || m.InlineKeyboard != nil || m.Edited.IsZero() || len(m.Entities) != 1 {
		t.Errorf("an edit without a keyboard leaves %+v", m)
	}
	w.ok("editMessageText", args{"chat_id": "11", "message_id": id, "text": "two"}) // formatting alone is a change
	w.ok("editMessageReplyMarkup", args{"chat_id": "11", "message_id": id, "reply_markup": button("b")})
	if m, _ = w.amina.Last(); len(m.InlineKeyboard) != 1 || m.Text != "two" {
		t.Errorf("%+v", m)
	}
	w.ok("pinChatMessage", args{"chat_id": "11", "message_id": id})
	if !strings.Contains(string(w.ok("getChat", args{"chat_id": "11"})), `"pinned_message"`) {
		t.Error("getChat does not name the pinned message")
	}
	w.ok("unpinChatMessage", args{"chat_id": "11"})
}

func TestCommandsAsSheSeesThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	set := func(name, scope, language string) {
		t.Helper()
		w.ok("setMyCommands", args{
			"commands": `[{"command":"` + name + `","description":"d"}]`, "scope": scope, "language_code": language,
		})
	}
	sees := func(p *simulator.Person, want string) {
		t.Helper()
		got := ""
		if list := p.Commands(); len(list) > 0 {
			got = list[0].Command
		}
		if got != want {
			t.Errorf("%s sees %q, want %q", p.FirstName, got, want)
		}
	}
	sees(w.amina, "")
	set("any", "", "")
	sees(w.amina, "any")
	set("any_ar", `{"type":"default"}`, "ar")
	sees(w.amina, "any_ar")
	sees(w.omar, "any")
	set("private", `{"type":"all_private_chats"}`, "")
	sees(w.amina, "private")
	set("hers", `{"type":"chat","chat_id":11}`, "")
	sees(w.amina, "hers")
	set("hers_ar", `{"type":"chat","chat_id":"11"}`, "ar")
	sees(w.amina, "hers_ar")
	sees(w.omar, "private")
	w.ok("deleteMyCommands", args{"scope": `{"type":"chat","chat_id":11}`, "language_code": "ar"})
	sees(w.amina, "hers")
	w.ok("setMyCommands", args{"commands": "[]", "scope": `{"type":"chat","chat_id":11}`})
	sees(w.amina, "private")
	if got := string(w.ok("getMyCommands", args{"scope": `{"type":"chat","chat_id":11}`})); got != "[]" {
		t.Errorf("getMyCommands: %s", got)
	}
	w.ok("setChatMenuButton", args{"menu_button": `{"type":"commands"}`})
	if got := w.amina.Menu(); got.Type != "commands" {
		t.Errorf("menu %+v", got)
	}
	w.ok("setMyName", args{"name": "عيادة", "language_code": "ar"})
	if got := string(w.ok("getMyName", args{"language_code": "ar"})); got != `{"name":"عيادة"}` {
		t.Errorf("name %s", got)
	}
}

func TestFeedResumes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, last, whole, changed := w.Events(0)
	if !whole {
		t.Error("the beginning is not kept")
	}
	id := w.send("one", nil)
	<-changed
	w.ok("sendChatAction", args{"chat_id": "11", "action": "typing"})
	w.ok("deleteMessage", args{"chat_id": "11", "message_id": fmt.Sprint(id)})
	events, now, whole, _ := w.Events(last)
	var kinds []simulator.EventType
	for i, e := range events {
		kinds = append(kinds, e.Type)
		if e.Seq != last+int64(i)+1 || e.Person != 11 {
			t.Errorf("event %+v", e)
		}
	}
	want := []simulator.EventType{simulator.EventMessage, simulator.EventChatAction, simulator.EventDelete}
	if diff := cmp.Diff(want, kinds); diff != "" || !whole {
		t.Error(diff)
	}
	for range 6000 {
		w.amina.Block()
		w.amina.Unblock()
	}
	if events, _, whole, _ := w.Events(now); whole || events != nil {
		t.Error("lost events are not reported")
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 20 {
				w.amina.Send(fmt.Sprintf("%d.%d", i, n))
				w.call("sendMessage", args{"chat_id": "11", "text": "x", "reply_markup": button("a")})
				_ = w.amina.Tap("Yes")
				_ = w.amina.Chat()
			}
		})
	}
	all.Wait()
	last := 0
	for _, m := range w.amina.Chat() {
		if m.ID != last+1 {
			t.Fatalf("message %d after %d", m.ID, last)
		}
		last = m.ID
	}
	if w.Pending() != 320 {
		t.Errorf("%d updates, want 320", w.Pending())
	}
}
