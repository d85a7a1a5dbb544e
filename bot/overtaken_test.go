package bot_test

import (
	"strings"
	"testing"

	"github.com/go-telegram/bot/models"

	"vetalyze/internal/simulator"
)

// TestOvertakenTap has a tap on Save come again after what Sara did next, as it may behind a webhook, where Telegram brings
// messages and taps separately: the first time its answer was lost. She goes on at once, as the form is closed, and what
// the tap did is shown all the same.
func TestOvertakenTap(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	sara := s.person(t, "Sara")
	sara.Send("/register Ahmed Ali, 0100 123 4567; Rex dog 2y")
	s.settle(t)
	s.stop()
	_, chatBot := s.bot(t.Context(), t)
	summary, _ := sara.Last()
	tap := tapOn(sara, summary, "✅ Save", 1)

	s.sim.Fail(simulator.Fault{Method: "editMessageText", Kind: simulator.Refuse{Code: 400, Description: "Bad Request: no"}})
	if err := chatBot.Handle(t.Context(), tap); err == nil {
		t.Fatal("the answer to the tap was lost, and the update is taken for handled")
	}
	must(t, chatBot.Handle(t.Context(), commandOf(sara, "/register Mona Said, 0100 123 4568; Mimi cat", 2)))
	if last := s.lastText("Sara"); !strings.Contains(last, "Mona Said") || !strings.Contains(last, "Is everything right?") {
		t.Errorf("the next registration is answered:\n%s", last)
	}
	must(t, chatBot.Handle(t.Context(), tap))
	if shown, _ := sara.Message(summary.ID); !strings.Contains(shown.Text, "Registered") || !strings.Contains(shown.Text, "Ahmed Ali") {
		t.Errorf("the message that was tapped says:\n%s", shown.Text)
	}
	next, _ := sara.Last()
	must(t, chatBot.Handle(t.Context(), tapOn(sara, next, "✅ Save", 3)))
	if last := s.lastText("Sara"); !strings.Contains(last, "Registered") || !strings.Contains(last, "Mona Said") {
		t.Errorf("the next registration ends with:\n%s", last)
	}
	if n := s.count(t, "SELECT count(*) FROM owners"); n != 2 {
		t.Errorf("%d owners, want 2", n)
	}
}

// TestOvertakenText has a search come again after Sara has begun a form from what it found: it is no answer to the form.
func TestOvertakenText(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	sara := s.person(t, "Sara")
	sara.Send("/register Ahmed Ali, 0100 123 4567; Rex dog 2y")
	s.settle(t)
	must(t, sara.Tap("✅ Save"))
	s.settle(t)
	searched := sara.Send("0100 123 4567")
	s.settle(t)
	s.stop()
	_, chatBot := s.bot(t.Context(), t)
	card, _ := sara.Last()
	must(t, chatBot.Handle(t.Context(), tapOn(sara, card, "✏️ Change", 1)))
	card, _ = sara.Message(card.ID)
	must(t, chatBot.Handle(t.Context(), tapOn(sara, card, "➕ Note", 2)))

	must(t, chatBot.Handle(t.Context(), textOf(sara, "0100 123 4567", searched, 3)))
	if last := s.lastText("Sara"); strings.Contains(last, "Changed") || !strings.Contains(last, "Ahmed Ali") {
		t.Errorf("the search that came again is answered:\n%s", last)
	}
	must(t, chatBot.Handle(t.Context(), textOf(sara, "Likes fish", card.ID+100, 4)))
	if last := s.lastText("Sara"); !strings.Contains(last, "Changed") || !strings.Contains(last, "Likes fish") {
		t.Errorf("the note is answered:\n%s", last)
	}
	if n := s.count(t, "SELECT count(*) FROM changes WHERE field = 'note'"); n != 1 {
		t.Errorf("%d notes, want 1", n)
	}
}

// tapOn is the update of a tap on a button of a message.
func tapOn(who *simulator.Person, on simulator.Message, label string, id int64) *models.Update {
	query := &models.CallbackQuery{ID: "1", From: models.User{ID: who.ID, LanguageCode: "en"}}
	query.Message.Message = &models.Message{ID: on.ID, Chat: models.Chat{ID: who.ID, Type: models.ChatTypePrivate}}
	for _, row := range on.InlineKeyboard {
		for _, button := range row {
			if button.Text == label {
				query.Data = button.Data
			}
		}
	}
	return &models.Update{ID: id, CallbackQuery: query}
}

// commandOf is the update of a command.
func commandOf(who *simulator.Person, text string, id int64) *models.Update {
	word, _, _ := strings.Cut(text, " ")
	return &models.Update{ID: id, Message: &models.Message{
		From: &models.User{ID: who.ID, LanguageCode: "en"}, Chat: models.Chat{ID: who.ID, Type: models.ChatTypePrivate},
		Text: text, Entities: []models.MessageEntity{{Type: models.MessageEntityTypeBotCommand, Length: len(word)}},
	}}
}

// textOf is the update of a text.
func textOf(who *simulator.Person, text string, messageID int, id int64) *models.Update {
	return &models.Update{ID: id, Message: &models.Message{
		ID: messageID, From: &models.User{ID: who.ID, LanguageCode: "en"},
		Chat: models.Chat{ID: who.ID, Type: models.ChatTypePrivate}, Text: text,
	}}
}
