package simulator

import (
	"fmt"
	"slices"

	"github.com/tidwall/gjson"
)

// InlineButton is a button under a message. Exactly one of Data, URL, Copy, WebApp and Switch says what it does.
type InlineButton struct {
	Text    string
	Data    string // callback data
	URL     string
	Copy    string // text put on the clipboard
	WebApp  string
	Switch  string // inline query for another chat or this one; "" means only the bot's name
	Style   string
	Kind    string // the field of the Bot API that makes it what it is, such as callback_data
	UserID  int64  // of a URL that leads to a person
	Pending bool   // tapped and not answered yet
}

// ReplyButton is a button of the keyboard under the input field.
type ReplyButton struct {
	Text            string
	RequestContact  bool
	RequestLocation bool
	Other           string // what else the button asks for; it shows, but cannot be pressed here
}

// ReplyKeyboard is the keyboard under the input field.
type ReplyKeyboard struct {
	Rows        [][]ReplyButton
	OneTime     bool
	Persistent  bool
	Resize      bool
	Placeholder string
}

// markup is a reply_markup as it was understood. One of its parts is set.
type markup struct {
	inline      [][]InlineButton
	keyboard    *ReplyKeyboard
	remove      bool
	force       bool
	placeholder string
}

func (m *markup) isInline() bool { return m != nil && len(m.inline) > 0 }

// readMarkup parses the argument reply_markup (Client::get_reply_markup). Nil means that there is none.
func readMarkup(arg string) (*markup, *apiError) {
	if arg == "" {
		return nil, nil
	}
	if !validJSON(arg) {
		return nil, bad("Can't parse reply keyboard markup JSON object")
	}
	o, ok := readObject(arg)
	if !ok {
		return nil, bad("Object expected as reply markup")
	}
	m, err := parseMarkup(o)
	if err != nil {
		return nil, bad(err.Error())
	}
	return m, nil
}

func parseMarkup(o object) (*markup, error) {
	rows, err := o.rows("keyboard", `Field "keyboard" must be an Array of Arrays`)
	if err != nil {
		return nil, err
	}
	keyboard, err := parseReplyRows(rows)
	if err != nil {
		return nil, fmt.Errorf("Can't parse keyboard button: %w", err)
	}
	rows, err = o.rows("inline_keyboard",
		`Field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays`)
	if err != nil {
		return nil, err
	}
	inline, err := parseInlineRows(rows)
	if err != nil {
		return nil, fmt.Errorf("Can't parse inline keyboard button: %w", err)
	}
	flags := map[string]bool{}
	for _, name := range []string{
		"remove_keyboard", "hide_keyboard", "force_reply", "force_reply_keyboard", "selective", "resize_keyboard",
		"one_time_keyboard", "is_persistent",
	} {
		if flags[name], err = o.flag(name); err != nil {
			return nil, err
		}
	}
	placeholder, err := o.text("input_field_placeholder")
	if err != nil {
		return nil, err
	}
	switch {
	case keyboard != nil:
		return &markup{placeholder: placeholder, keyboard: &ReplyKeyboard{
			Rows: keyboard, OneTime: flags["one_time_keyboard"], Persistent: flags["is_persistent"],
			Resize: flags["resize_keyboard"], Placeholder: placeholder,
		}}, nil
	case len(inline) > 0:
		return &markup{inline: inline}, nil
	case flags["remove_keyboard"] || flags["hide_keyboard"]:
		return &markup{remove: true}, nil
	case flags["force_reply"] || flags["force_reply_keyboard"]:
		return &markup{force: true, placeholder: placeholder}, nil
	}
	return nil, nil
}

func parseReplyRows(rows []gjson.Result) ([][]ReplyButton, error) {
	var keyboard [][]ReplyButton
	for _, row := range rows {
		var buttons []ReplyButton
		for _, value := range row.Array() {
			b, err := parseReplyButton(value)
			if err != nil {
				return nil, err
			}
			buttons = append(buttons, b)
		}
		keyboard = append(keyboard, buttons)
	}
	return keyboard, nil
}

func parseReplyButton(value gjson.Result) (ReplyButton, error) {
	if value.Type == gjson.String {
		return ReplyButton{Text: value.Str}, nil
	}
	o, ok := objectOf(value)
	if !ok {
		return ReplyButton{}, fmt.Errorf("KeyboardButton must be a String or an Object")
	}
	var b ReplyButton
	var err error
	if b.Text, err = o.required("text"); err != nil {
		return b, err
	}
	if b.RequestContact, err = o.flag("request_contact"); err != nil {
		return b, err
	}
	for _, other := range []string{
		"request_poll", "web_app", "request_users", "request_user", "request_chat", "request_managed_bot",
	} {
		if o.has(other) {
			b.Other = other
		}
	}
	b.RequestLocation, err = o.flag("request_location")
	return b, err
}

func parseInlineRows(rows []gjson.Result) ([][]InlineButton, error) {
	keyboard := make([][]InlineButton, 0, len(rows))
	var buttons []InlineButton // of this row
	var o object               // of this button
	for _, row := range rows {
		buttons = buttons[:0]
		var err error
		row.ForEach(func(_, value gjson.Result) bool {
			if !o.read(value) {
				err = fmt.Errorf("InlineKeyboardButton must be an Object")
				return false
			}
			var b InlineButton
			b, err = parseInlineButton(o)
			buttons = append(buttons, b)
			return err == nil
		})
		if err != nil {
			return nil, err
		}
		keyboard = append(keyboard, slices.Clone(buttons))
	}
	return keyboard, nil
}

// parseInlineButton looks for what the button does in the server's order: url and callback_data first, when
// they are not empty, copy_text last. Clients that always send an empty copy_text rely on it.
func parseInlineButton(o object) (InlineButton, error) {
	var b InlineButton
	var err error
	if b.Text, err = o.required("text"); err != nil {
		return b, err
	}
	if b.Style, err = o.text("style"); err != nil {
		return b, err
	}
	if b.URL, err = o.text("url"); err != nil || b.URL != "" {
		b.Kind = "url"
		return b, err
	}
	if b.Data, err = o.text("callback_data"); err != nil || b.Data != "" {
		b.Kind = "callback_data"
		return b, err
	}
	for _, name := range []string{
		"callback_game", "pay", "switch_inline_query", "switch_inline_query_chosen_chat",
		"switch_inline_query_current_chat", "login_url", "web_app", "copy_text",
	} {
		if !o.has(name) {
			continue
		}
		b.Kind = name
		switch name {
		case "switch_inline_query", "switch_inline_query_current_chat":
			b.Switch, err = o.required(name)
		case "web_app", "copy_text", "login_url":
			var inner object
			if inner, err = o.object(name); err != nil {
				return b, err
			}
			switch name {
			case "web_app":
				b.WebApp, err = inner.required("url")
			case "login_url":
				b.URL, err = inner.required("url")
			default:
				b.Copy, err = inner.required("text")
			}
		}
		return b, err
	}
	return b, fmt.Errorf("Text buttons are unallowed in the inline keyboard")
}
