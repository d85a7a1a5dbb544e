package simulator

import (
	"fmt"
	"unicode/utf8"
)

// Limits of keyboards. TDLib leaves buttons beyond maxRow and maxButtons out of reply keyboards; an inline
// keyboard beyond the limits of the server is refused.
const (
	maxInlineButtons = 100
	maxInlineRow     = 8
	maxRow           = 12
	maxButtons       = 300
	maxCallbackData  = 64 // bytes
	maxCopyText      = 256
	maxPlaceholder   = 64
)

// checkMarkup is what TDLib and the server say about a keyboard once it is parsed. Buttons without a text are
// left out, and a keyboard without buttons is none.
func checkMarkup(m *markup) (*markup, *apiError) {
	switch {
	case m == nil:
		return nil, nil
	case utf8.RuneCountInString(m.placeholder) > maxPlaceholder:
		return nil, bad("input_field_placeholder must be of 1-64 characters") // the server's own code is not known
	case m.keyboard != nil:
		return checkReplyKeyboard(m)
	case m.isInline():
		return checkInlineKeyboard(m)
	}
	return m, nil
}

func checkReplyKeyboard(m *markup) (*markup, *apiError) {
	var rows [][]ReplyButton
	total := 0
	for _, row := range m.keyboard.Rows {
		var kept []ReplyButton
		for _, b := range row {
			if b.Text == "" || len(kept) == maxRow || total == maxButtons {
				continue
			}
			clean, _, err := cleanText(b.Text, nil)
			if err != nil || !utf8.ValidString(b.Text) {
				return nil, bad("Keyboard button text must be encoded in UTF-8")
			}
			if clean == "" {
				return nil, bad("Keyboard button text must be non-empty")
			}
			b.Text = clean
			kept = append(kept, b)
			total++
		}
		if len(kept) > 0 {
			rows = append(rows, kept)
		}
	}
	if len(rows) == 0 {
		return nil, nil
	}
	keyboard := *m.keyboard
	keyboard.Rows = rows
	return &markup{keyboard: &keyboard, placeholder: m.placeholder}, nil
}

// checkInlineKeyboard works in place: nobody else has the keyboard yet.
func checkInlineKeyboard(m *markup) (*markup, *apiError) {
	rows := m.inline[:0]
	total := 0
	for _, row := range m.inline {
		kept := row[:0]
		for _, b := range row {
			if b.Text == "" {
				continue
			}
			if err := checkInlineButton(&b); err != nil {
				return nil, err
			}
			kept = append(kept, b)
			total++
		}
		if len(kept) > maxInlineRow || total > maxInlineButtons {
			return nil, bad("REPLY_MARKUP_TOO_LONG")
		}
		if len(kept) > 0 {
			rows = append(rows, kept)
		}
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return &markup{inline: rows}, nil
}

func checkInlineButton(b *InlineButton) *apiError {
	if !utf8.ValidString(b.Text) {
		return bad("Inline keyboard button text must be encoded in UTF-8")
	}
	clean, _, _ := cleanText(b.Text, nil)
	if clean == "" {
		return bad("Inline keyboard button text must be non-empty")
	}
	b.Text = clean
	switch b.Kind {
	case "callback_data":
		if len(b.Data) > maxCallbackData {
			return bad("BUTTON_DATA_INVALID")
		}
	case "url", "login_url":
		if b.UserID = linkedUser(b.URL); b.UserID != 0 {
			return nil
		}
		checked, err := checkLink(b.URL)
		if err != nil {
			return bad(fmt.Sprintf("Inline keyboard button URL '%s' is invalid: %s", b.URL, err))
		}
		b.URL = checked
	case "web_app":
		var err *apiError
		b.WebApp, err = checkAppLink("Inline keyboard button", b.WebApp)
		return err
	case "copy_text":
		if n := utf8.RuneCountInString(b.Copy); n < 1 || n > maxCopyText {
			return bad("BUTTON_COPY_TEXT_INVALID")
		}
	case "pay", "callback_game":
		return bad("BUTTON_TYPE_INVALID") // only for invoices and games, which are sent by other methods
	}
	return nil
}

// checkAppLink checks the address of a Web App, which must be one of HTTPS.
func checkAppLink(whose, link string) (string, *apiError) {
	checked, err := checkLink(link)
	if protocol, _, _, splitErr := splitURL(link); splitErr == nil && protocol != "https" {
		err = errText("Only HTTPS links are allowed")
	}
	if err != nil {
		return "", bad(fmt.Sprintf("%s Web App URL '%s' is invalid: %s", whose, link, err))
	}
	return checked, nil
}
