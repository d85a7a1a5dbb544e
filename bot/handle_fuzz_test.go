package bot_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/go-telegram/bot/models"

	"vetalyze/db"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/registry"
	"vetalyze/internal/simulator"
)

// questions lead to each kind of question, for FuzzHandle to answer: what a person writes, or, after a '!', taps. The
// clinic's are of the card of the first owner and the first pet there are.
var questions = []struct{ who, how string }{
	{"Sara", ""},
	{"سلمى", "/register"},
	{"Sara", "/register|Ahmed Ali"},
	{"سلمى", "/register|Ahmed Ali|01001234567"},
	{"Sara", "/register|Ahmed Ali|01001234568|Rex"},
	{"سلمى", "/register|Ahmed Ali|01001234568|Rex|dog"},
	{"Sara", "/register|Ahmed Ali, 01001234568; Rex dog"},
	{"Mona", "!change:owner:OWNER:name"},
	{"Mona", "!change:owner:OWNER:phone"},
	{"Mona", "!change:owner:OWNER:note"},
	{"Mona", "!change:pet:PET:weight"},
	{"Mona", "!change:pet:PET:microchip"},
	{"Mona", "!change:pet:PET:birth"},
	{"Mona", "!change:pet:PET:deceased"},
	{"Mona", "!change:pet:PET:alert"},
	{"Mona", "!change:pet:PET:breed"},
	{"Mona", "!change:pet:PET:photo"},
	{"Mona", "!change:pet:PET:owner"},
	{"Mona", "!merge:OWNER"},
	{"هدى", "!staff:invite"},
	{"Nadia", "/newclinic"},
	{"Nadia", "/newclinic|Egypt|Paws"},
	{"Nadia", "/clinics"},
	{"Nadia", "!clinics:search"},
	{"Nadia", "!clinics:edit:1"},
	{"Nadia", "!terms:sell:1"},
	{"Nadia", "!terms:refund:1:1"},
	{"Nadia", "!terms:extend:1:1"},
	{"Nadia", "!terms:suspend:1:1"},
	{"Nadia", "!plans:add:plans"},
	{"Nadia", "!plans:add:species"},
	{"Nadia", "!plans:add:countries"},
	{"Omar", ""},
	{"كريم", "/start wrongwrongwrongwrongwr"},
}

// FuzzHandle gives the real bot, at each kind of question, whatever update Telegram could bring: a text with an entity of
// its own counting, a tap, a contact, a picture. It is handled and answered at once: no error, no apology, no text that
// is missing, nothing that Telegram refuses, and each tap gets one answer.
func FuzzHandle(f *testing.F) {
	for i := range questions {
		f.Add(uint8(i), uint8(0), "%_\\'\"<b>&amp;\u202e🐶 ٤٫٥ 1e9", 0, 0, "")
		f.Add(uint8(i), uint8(1), "", 0, 0, "form:1a2b3c4d:1:save:")
	}
	for _, data := range []string{
		"find:1:n2.\x00", "search:\x00", "register:\x00a", "clinics:list:::\x00", "owner:9223372036854775808", "staff:stop:-1", "terms:term:zik0zj:zik0zj", "terms:history:1:1y2p0ij32e8e7",
		"plans:list:plans:-9", "plans:list:x\x00:1", "changes:0001-01:1", "expiring:9999-12-31:1:1", "expiring:-1-1", "language:xx", "clinic:9223372036854775807", "clinicreport:1:picture",
		"bills:9223372036854775807", "report:picture", "hit:1:2147483647:n127.1y2p0ij32e8e7", "reminders:hour:99", "history:pet:1:-1", "undo:pet:1", "\xff", ":", "form", "form:",
	} {
		f.Add(uint8(0), uint8(1), "", 0, 0, data)
		f.Add(uint8(20), uint8(1), "", 0, 0, data)
	}
	f.Add(uint8(0), uint8(0), "/start@vetalyze_bot abc", 0, 19, "")
	f.Add(uint8(3), uint8(0), "/START", 0, 6, "")
	f.Add(uint8(0), uint8(0), "🐶/menu", 1, 5, "")
	f.Add(uint8(0), uint8(0), "/search "+strings.Repeat("ع", 4000), 0, 7, "")
	f.Add(uint8(1), uint8(2), "Ahmed\x00", 0, 0, "+20 100 123 4567")
	f.Add(uint8(16), uint8(4), "", 0, 0, "AgACAgI\x00")
	f.Add(uint8(2), uint8(8), "", 0, 0, "")

	database, err := db.Open(context.Background(), pgtest.URL(f))
	must(f, err)
	f.Cleanup(database.Close)
	log := &logbook{}
	s := raise(f, database, nil, failures(log))
	owner, err := registry.New(database, s.clock).Register(context.Background(), s.member(f, "Happy Paws"), registry.Registration{
		Key: db.NewKey(), Name: "Ahmed Ali", Phone: "+201001234567", Pets: []registry.NewPet{{Name: "Rex", SpeciesID: 1}},
	})
	must(f, err)
	for _, name := range []string{"Omar", "كريم"} {
		s.person(f, name).Start("")
	}
	s.settle(f)
	s.stop() // from here on updates are brought by hand
	ids := strings.NewReplacer("OWNER", fmt.Sprint(owner.ID), "PET", fmt.Sprint(owner.Pets[0].ID))
	updates, calls := int64(1_000_000), 0
	f.Fuzz(func(t *testing.T, at, kind uint8, text string, offset, length int, data string) {
		question := questions[int(at)%len(questions)]
		who := s.person(t, question.who)
		give := func(u *models.Update) {
			updates++
			u.ID = updates
			if err := s.front.Handle(t.Context(), u); err != nil {
				t.Fatalf("%s, asked by %q, gives %+v: %v", question.who, question.how, u, err)
			}
		}
		give(s.message(who, "/cancel"))
		give(s.message(who, "/menu"))
		for how := range strings.SplitSeq(question.how, "|") {
			if tap, taps := strings.CutPrefix(how, "!"); taps {
				give(s.tapped(who, ids.Replace(tap)))
			} else if how != "" {
				give(s.message(who, how))
			}
		}
		_, calls = s.sim.CallsSince(calls)
		update := s.message(who, text)
		switch {
		case kind&1 == 1:
			update = s.tapped(who, strings.ToValidUTF8(data, ""))
		case kind&2 == 2:
			update.Message.Contact = &models.Contact{PhoneNumber: strings.ToValidUTF8(data, ""), FirstName: update.Message.Text, UserID: who.ID * int64(kind>>7)}
		case kind&4 == 4:
			update.Message.Photo = []models.PhotoSize{{FileID: strings.ToValidUTF8(data, "")}}
		case kind&8 == 8:
			update.Message.Text = ""
		case length != 0:
			update.Message.Entities = []models.MessageEntity{{Type: models.MessageEntityTypeBotCommand, Offset: offset, Length: length}}
		}
		give(update)
		var made []simulator.Call
		made, calls = s.sim.CallsSince(calls)
		answered := 0
		for _, call := range made {
			switch {
			case call.Method == "answerCallbackQuery":
				answered++ // of a tap that the simulator does not know of: it is too old
			case call.Status >= 400 && !harmless.MatchString(call.Description):
				t.Errorf("Telegram refuses %s: %s\n%v", call.Method, call.Description, call.Params)
			}
			if loss.MatchString(fmt.Sprint(call.Params)) {
				t.Errorf("the bot is at a loss: %v", call.Params)
			}
		}
		if want := int(kind & 1); answered != want {
			t.Errorf("%d taps get %d answers", want, answered)
		}
		if wrong := log.take(); wrong != "" {
			t.Errorf("logged: %s", wrong)
		}
	})
}

// message is what somebody writes, as Telegram brings it: a command has its entity.
func (s *stage) message(who *simulator.Person, text string) *models.Update {
	message := &models.Message{
		ID: 1, From: &models.User{ID: who.ID, LanguageCode: who.LanguageCode}, Text: strings.ToValidUTF8(text, ""),
		Chat: models.Chat{ID: who.ID, Type: models.ChatTypePrivate},
	}
	if word, _, _ := strings.Cut(text, " "); strings.HasPrefix(text, "/") {
		message.Entities = []models.MessageEntity{{Type: models.MessageEntityTypeBotCommand, Length: len([]rune(word))}}
	}
	return &models.Update{Message: message}
}

// tapped is a tap on anything, below the bot's latest message.
func (s *stage) tapped(who *simulator.Person, data string) *models.Update {
	last, _ := who.Last()
	return &models.Update{CallbackQuery: &models.CallbackQuery{
		ID: "1", From: models.User{ID: who.ID, LanguageCode: who.LanguageCode}, Data: data,
		Message: models.MaybeInaccessibleMessage{Message: &models.Message{ID: last.ID, Chat: models.Chat{ID: who.ID, Type: models.ChatTypePrivate}}},
	}}
}
