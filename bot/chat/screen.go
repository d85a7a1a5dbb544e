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

// A Button either calls back with Data (1-64 bytes, "route:argument") or opens URL. It is written as Telegram's
// InlineKeyboardButton; the library's has a dozen fields more, and sends an empty one with each.
type Button struct {
	Label string `json:"text"`
	Data  string `json:"callback_data,omitempty"`
	URL   string `json:"url,omitempty"`
}

// inlineKeyboard is Telegram's InlineKeyboardMarkup.
type inlineKeyboard struct {
	Rows [][]Button `json:"inline_keyboard"`
}

// Row is a row of buttons, in reading order.
func Row(buttons ...Button) []Button { return buttons }

// Columns lays buttons out in rows of n.
func Columns(n int, buttons []Button) [][]Button {
	rows := make([][]Button, 0, (len(buttons)+n-1)/n)
	return slices.AppendSeq(rows, slices.Chunk(buttons, n))
}

// replyMarkup turns the screen's buttons into Telegram's.
func (s Screen) replyMarkup(t *Turn) models.ReplyMarkup {
	switch {
	case s.AskContact != "":
		return models.ReplyKeyboardMarkup{
			Keyboard:        [][]models.KeyboardButton{{{Text: s.AskContact, RequestContact: true}}},
			ResizeKeyboard:  true,
			OneTimeKeyboard: true,
		}
	case s.DropKeyboard:
		return models.ReplyKeyboardRemove{RemoveKeyboard: true}
	}
	if rows := s.shownRows(t); len(rows) > 0 {
		return inlineKeyboard{rows}
	}
	return nil
}

// shownRows are the buttons that are offered to who sees the screen, as they stand there. Telegram has no right-to-left
// layout of keyboards, so rows are reversed for languages that are read that way.
func (s Screen) shownRows(t *Turn) [][]Button {
	count := 0
	for _, row := range s.Rows {
		count += len(row)
	}
	rows, buttons := make([][]Button, 0, len(s.Rows)), make([]Button, 0, count)
	for _, row := range s.Rows {
		begin := len(buttons)
		for _, button := range row {
			if t.offers(button) {
				button.Label = t.laid(HTML(button.Label))
				buttons = append(buttons, button)
			}
		}
		shown := buttons[begin:]
		if len(shown) == 0 {
			continue
		}
		if t.RightToLeft() {
			slices.Reverse(shown)
		}
		rows = append(rows, shown)
	}
	return rows
}

// offers says whether a button is of a route that is offered, or of none.
func (t *Turn) offers(button Button) bool {
	if button.Data == "" || t.Offers == nil {
		return true
	}
	route, _ := SplitData(button.Data)
	return t.Offers(route)
}
