package chat

import (
	"strings"
	"unicode/utf16"

	"github.com/go-telegram/bot/models"
)

// Input is what a person did: exactly one of its parts is set.
type Input struct {
	Command *Command
	Text    string
	Tap     *Tap
	Contact *models.Contact
	Photo   string // Telegram's id of the picture, in its largest size
	// MessageID is that of the message by which all this came, or under which the tap was; 0 when Telegram no longer has it.
	// They rise within a chat.
	MessageID int
	// Other is true for what the bot cannot read: a sticker, voice, file.
	Other bool
}

// A Command is "/name arguments".
type Command struct {
	Name      string // lower case, without slash and without @bot
	Arguments string // what follows, trimmed
}

// A Tap is a press on an inline button.
type Tap struct {
	CallbackID string
	Data       string
	MessageID  int // of the message the button is under; 0 when Telegram no longer has it
}

// Read takes an update apart: who sent it and what it says. ok is false for
// updates that are nobody's words in a private chat.
func Read(update *models.Update) (from models.User, input Input, ok bool) {
	switch {
	case update.CallbackQuery != nil:
		query := update.CallbackQuery
		tap := &Tap{CallbackID: query.ID, Data: query.Data}
		switch {
		case query.Message.Message != nil:
			tap.MessageID = query.Message.Message.ID
		case query.Message.InaccessibleMessage != nil:
			tap.MessageID = query.Message.InaccessibleMessage.MessageID
		}
		return query.From, Input{Tap: tap, MessageID: tap.MessageID}, true
	case update.Message != nil:
		message := update.Message
		if message.From == nil || message.Chat.Type != models.ChatTypePrivate {
			return models.User{}, Input{}, false
		}
		input := readMessage(message)
		input.MessageID = message.ID
		return *message.From, input, true
	}
	return models.User{}, Input{}, false
}

func readMessage(message *models.Message) Input {
	switch {
	case message.Contact != nil:
		return Input{Contact: message.Contact}
	case largest(message.Photo) != "":
		return Input{Photo: largest(message.Photo)}
	case message.Text == "" || len(message.Photo) > 0:
		return Input{Other: true}
	}
	if command, ok := readCommand(message); ok {
		return Input{Command: &command}
	}
	return Input{Text: message.Text}
}

// largest is the id of a picture in its largest size; "" without a picture.
func largest(sizes []models.PhotoSize) string {
	if len(sizes) == 0 {
		return ""
	}
	return sizes[len(sizes)-1].FileID // they come from the smallest up
}

// readCommand finds a command at the start of the message by its entity, whose
// length is in UTF-16 units. The library's own matcher takes it for bytes.
func readCommand(message *models.Message) (Command, bool) {
	for _, entity := range message.Entities {
		if entity.Type != models.MessageEntityTypeBotCommand || entity.Offset != 0 {
			continue
		}
		units := utf16.Encode([]rune(message.Text))
		if entity.Length < 2 || entity.Length > len(units) {
			return Command{}, false
		}
		word := string(utf16.Decode(units[1:entity.Length]))
		name, _, _ := strings.Cut(word, "@")
		return Command{
			Name:      strings.ToLower(name),
			Arguments: strings.TrimSpace(string(utf16.Decode(units[entity.Length:]))),
		}, true
	}
	return Command{}, false
}
