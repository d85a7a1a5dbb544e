package chat

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-telegram/bot/models"
)

// FuzzRead takes apart whatever Telegram could send: a text with an entity of its own counting, a contact, a picture, a tap.
// It says one thing or nothing, and a command is what stands in the entity and what follows it.
func FuzzRead(f *testing.F) {
	for _, seed := range []struct {
		text           string
		offset, length int
	}{
		{"/register Ahmed", 0, 9},
		{"/start@vetalyze_bot abc", 0, 19},
		{"/START", 0, 6},
		{"/start@", 0, 7},
		{"/@bot x", 0, 5},
		{"🐶", 0, 2},
		{"/🐶 x", 0, 2},
		{"/", 0, 1},
		{"أحمد /menu", 5, 5},
		{"/x", 0, 1 << 62},
		{"/x", -1, 2},
		{"/x", 0, -1},
		{"/a\u202eb c", 0, 4},
		{"x", 0, 1},
	} {
		f.Add(seed.text, seed.offset, seed.length, uint8(0), "owner:7")
	}
	f.Add("", 0, 0, uint8(3), "form:1a2b3c4d:1:save:")
	f.Add("", 0, 0, uint8(255), "")
	f.Fuzz(func(t *testing.T, text string, offset, length int, kind uint8, data string) {
		update := anyUpdate(text, offset, length, kind, data)
		from, input, ok := Read(update)
		if !ok {
			if input != (Input{}) || from.ID != 0 {
				t.Errorf("nobody said %+v", input)
			}
			return
		}
		said := 0
		for _, part := range []bool{input.Command != nil, input.Text != "", input.Tap != nil, input.Contact != nil, input.Photo != "", input.Other} {
			if part {
				said++
			}
		}
		if said != 1 {
			t.Errorf("%+v says %d things", input, said)
		}
		if input.Command == nil {
			return
		}
		command := *input.Command
		units := utf16.Encode([]rune(text))
		if strings.Contains(command.Name, "@") || command.Name != strings.ToLower(command.Name) || command.Arguments != strings.TrimSpace(command.Arguments) {
			t.Errorf("%q is the command %+v", text, command)
		}
		whole := !strings.ContainsRune(text+command.Name, utf8.RuneError) // no entity ends within a character
		if offset != 0 || length < 2 || length > len(units) || whole && !strings.HasSuffix(strings.TrimSpace(text), command.Arguments) {
			t.Errorf("%q with an entity %d+%d is the command %+v", text, offset, length, command)
		}
	})
}

// anyUpdate is a message, or in its place a tap, of the kind's bits.
func anyUpdate(text string, offset, length int, kind uint8, data string) *models.Update {
	bit := func(n int) bool { return kind>>n&1 == 1 }
	from := &models.User{ID: 7}
	message := &models.Message{
		ID: 5, Text: text, From: from, Chat: models.Chat{ID: 7, Type: models.ChatTypePrivate},
		Entities: []models.MessageEntity{{Type: models.MessageEntityTypeBotCommand, Offset: offset, Length: length}},
	}
	if bit(0) {
		query := &models.CallbackQuery{ID: "1", From: *from, Data: data}
		if bit(1) {
			query.Message.Message = message
		} else if bit(2) {
			query.Message.InaccessibleMessage = &models.InaccessibleMessage{MessageID: 5}
		}
		return &models.Update{ID: 1, CallbackQuery: query}
	}
	if bit(1) {
		message.Contact = &models.Contact{PhoneNumber: data, FirstName: text}
	}
	if bit(2) {
		message.Photo = []models.PhotoSize{{FileID: data}}
	}
	if bit(3) {
		message.From = nil
	}
	if bit(4) {
		message.Chat.Type = models.ChatTypeGroup
	}
	if bit(5) {
		return &models.Update{ID: 1, EditedMessage: message}
	}
	return &models.Update{ID: 1, Message: message}
}

// FuzzData takes apart what buttons carry: what Data makes, SplitData reads.
func FuzzData(f *testing.F) {
	for _, seed := range []string{"owner:7", "", ":", "::", "staff:stop:7", "form:1a2b3c4d:12:edit:pets.0.species", "\x00", "\xff:é"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		route, argument := SplitData(data)
		if strings.Contains(route, ":") {
			t.Errorf("%q is of the route %q", data, route)
		}
		if again, rest := SplitData(Data(route, argument)); again != route || rest != argument {
			t.Errorf("%q: %q and %q, written and read again %q and %q", data, route, argument, again, rest)
		}
	})
}

// FuzzScreen puts typed text into a screen: it fits into a message, and its tags are as they were.
func FuzzScreen(f *testing.F) {
	for _, seed := range []string{"Ahmed", "<b>", "&lt;", strings.Repeat("ع<", 3000), strings.Repeat("a\n", 3000), "\u2069\u2068", "\xff", "</b>&#x1F600;"} {
		f.Add(seed, 40)
	}
	f.Fuzz(func(t *testing.T, typed string, cut int) {
		if cut < 1 || cut > 10_000 {
			return
		}
		line := strings.ReplaceAll(typed, "\n", " ") // what is set in bold or to be copied never spans lines
		screen := Screen{Text: Paragraphs(Bold(Escape(Shorten(line, cut))), Code(line), Escape(typed))}
		for _, language := range Languages() {
			sent := screen.text(Locale{Language: language})
			if n := utf8.RuneCountInString(sent); n > 8*textLimit { // &quot; stands for one character
				t.Errorf("%d characters", n)
			}
			for _, tag := range []string{"b", "code"} {
				if strings.Count(sent, "<"+tag+">") != strings.Count(sent, "</"+tag+">") || strings.Count(sent, "<"+tag+">") > 1 {
					t.Errorf("%q is sent as %q", typed, sent)
				}
			}
		}
	})
}
