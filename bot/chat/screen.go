package chat

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

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

// textLimit is how long Telegram lets a message be, in characters and without
// its markup; a little is kept for the note that something is missing.
const textLimit = 4096 - 16

var markup = regexp.MustCompile(`<[^>]*>`)

// text is the screen's text as it is sent. One that outgrew Telegram's limit ends
// after the last line that fits (no markup spans lines), rather than being refused
// together with what was done.
func (s Screen) text(locale Locale) string {
	text := locale.laid(s.Text)
	if len(text) <= textLimit { // in bytes, of which there are at least as many as characters
		return text
	}
	length, end := 0, 0
	lines := strings.SplitAfter(text, "\n")
	for _, line := range lines {
		length += utf8.RuneCountInString(html.UnescapeString(markup.ReplaceAllString(line, "")))
		if length > textLimit {
			return text[:end] + "…"
		}
		end += len(line)
	}
	return text
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

// replyMarkup turns the screen's buttons into Telegram's, those that are offered to
// who sees it. Telegram has no right-to-left layout of keyboards, so rows are
// reversed for languages that are read that way.
func (s Screen) replyMarkup(t *Turn) models.ReplyMarkup {
	rows := offered(s.Rows, t.Offers)
	switch {
	case s.AskContact != "":
		return models.ReplyKeyboardMarkup{
			Keyboard:        [][]models.KeyboardButton{{{Text: s.AskContact, RequestContact: true}}},
			ResizeKeyboard:  true,
			OneTimeKeyboard: true,
		}
	case s.DropKeyboard:
		return models.ReplyKeyboardRemove{RemoveKeyboard: true}
	case len(rows) == 0:
		return nil
	}
	return inlineKeyboard(rows, t.Locale)
}

// offered leaves out the buttons of routes that are not offered.
func offered(rows [][]Button, offers func(route string) bool) (kept [][]Button) {
	for _, row := range rows {
		row = slices.DeleteFunc(slices.Clone(row), func(b Button) bool {
			route, _ := SplitData(b.Data)
			return b.Data != "" && offers != nil && !offers(route)
		})
		if len(row) > 0 {
			kept = append(kept, row)
		}
	}
	return kept
}

func inlineKeyboard(rows [][]Button, locale Locale) models.InlineKeyboardMarkup {
	keyboard := make([][]models.InlineKeyboardButton, 0, len(rows))
	for _, row := range rows {
		buttons := make([]models.InlineKeyboardButton, 0, len(row))
		for _, button := range row {
			buttons = append(buttons, models.InlineKeyboardButton{
				Text: locale.laid(HTML(button.Label)), CallbackData: button.Data, URL: button.URL,
			})
		}
		if locale.RightToLeft() {
			slices.Reverse(buttons)
		}
		keyboard = append(keyboard, buttons)
	}
	return models.InlineKeyboardMarkup{InlineKeyboard: keyboard}
}
