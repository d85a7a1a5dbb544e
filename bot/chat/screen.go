package chat

import (
	"slices"

	"github.com/go-telegram/bot/models"
)

// A Screen is one message with its buttons. Screens are shown in place where
// that is possible: a person who taps sees the message change, not a new one.
type Screen struct {
	Text HTML
	Rows [][]Button

	// AskContact, when set, puts one button with this label in place of the
	// keyboard; a tap shares the person's own contact. It excludes Rows.
	AskContact string
	// DropKeyboard takes such a button away again. It excludes Rows.
	DropKeyboard bool
}

// A Button either calls back with Data (1-64 bytes, "route:argument") or opens URL.
type Button struct {
	Label string
	Data  string
	URL   string
}

// Row is a row of buttons, in reading order.
func Row(buttons ...Button) []Button { return buttons }

// Columns lays buttons out in rows of n.
func Columns(n int, buttons []Button) [][]Button {
	return slices.Collect(slices.Chunk(buttons, n))
}

// markup turns the screen's buttons into Telegram's. Telegram has no
// right-to-left layout of keyboards, so rows are reversed for languages that
// are read that way.
func (s Screen) markup(rightToLeft bool) models.ReplyMarkup {
	switch {
	case s.AskContact != "":
		return models.ReplyKeyboardMarkup{
			Keyboard:        [][]models.KeyboardButton{{{Text: s.AskContact, RequestContact: true}}},
			ResizeKeyboard:  true,
			OneTimeKeyboard: true,
		}
	case s.DropKeyboard:
		return models.ReplyKeyboardRemove{RemoveKeyboard: true}
	case len(s.Rows) == 0:
		return nil
	}
	return inlineKeyboard(s.Rows, rightToLeft)
}

func inlineKeyboard(rows [][]Button, rightToLeft bool) models.InlineKeyboardMarkup {
	keyboard := make([][]models.InlineKeyboardButton, 0, len(rows))
	for _, row := range rows {
		buttons := make([]models.InlineKeyboardButton, 0, len(row))
		for _, button := range row {
			buttons = append(buttons, models.InlineKeyboardButton{
				Text: button.Label, CallbackData: button.Data, URL: button.URL,
			})
		}
		if rightToLeft {
			slices.Reverse(buttons)
		}
		keyboard = append(keyboard, buttons)
	}
	return models.InlineKeyboardMarkup{InlineKeyboard: keyboard}
}
