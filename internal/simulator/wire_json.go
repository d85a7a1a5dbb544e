package simulator

func (w *jsonWriter) envelope(e envelope) {
	w.put('{')
	w.flag("ok", e.OK)
	if e.Result != nil {
		w.field("result", e.Result)
	}
	w.numberUnless0("error_code", int64(e.ErrorCode))
	w.textIfAny("description", e.Description)
	if e.Parameters != nil {
		w.field("parameters", e.Parameters)
	}
	w.put('}')
}

func (w *jsonWriter) update(u wireUpdate) {
	w.put('{')
	w.number("update_id", int64(u.id))
	w.field(u.kind, u.body)
	w.put('}')
}

func (w *jsonWriter) message(m *wireMessage) {
	w.put('{')
	w.number("message_id", int64(m.MessageID))
	w.user("from", &m.From)
	w.chat("chat", &m.Chat)
	w.number("date", m.Date)
	w.numberUnless0("edit_date", m.EditDate)
	if m.HasProtected {
		w.flag("has_protected_content", true)
	}
	if m.ReplyToMessage != nil {
		w.field("reply_to_message", m.ReplyToMessage)
	}
	w.textIfAny("text", m.Text)
	w.entities("entities", m.Entities)
	w.textIfAny("caption", m.Caption)
	w.entities("caption_entities", m.CaptionEntities)
	w.media(m)
	if m.PinnedMessage != nil {
		w.field("pinned_message", m.PinnedMessage)
	}
	if len(m.ReplyMarkup) > 0 {
		w.name("reply_markup")
		w.inline(m.ReplyMarkup)
	}
	w.put('}')
}

// media writes what few messages carry.
func (w *jsonWriter) media(m *wireMessage) {
	if len(m.Photo) > 0 {
		w.field("photo", m.Photo)
	}
	if m.Document != nil {
		w.field("document", m.Document)
	}
	if m.Sticker != nil {
		w.field("sticker", m.Sticker)
	}
	if m.Voice != nil {
		w.field("voice", m.Voice)
	}
	if m.Contact != nil {
		w.field("contact", m.Contact)
	}
}

func (w *jsonWriter) user(name string, u *User) {
	w.name(name)
	w.put('{')
	w.number("id", u.ID)
	w.flag("is_bot", u.IsBot)
	w.text("first_name", u.FirstName)
	w.textIfAny("last_name", u.LastName)
	w.textIfAny("username", u.Username)
	w.textIfAny("language_code", u.LanguageCode)
	w.put('}')
}

func (w *jsonWriter) chat(name string, c *wireChat) {
	w.name(name)
	w.put('{')
	w.number("id", c.ID)
	w.text("type", c.Type)
	w.textIfAny("first_name", c.FirstName)
	w.textIfAny("last_name", c.LastName)
	w.textIfAny("username", c.Username)
	w.put('}')
}

func (w *jsonWriter) entities(name string, entities []Entity) {
	if len(entities) == 0 {
		return
	}
	w.name(name)
	w.put('[')
	for i := range entities {
		e := &entities[i]
		w.next()
		w.put('{')
		w.text("type", e.Type)
		w.number("offset", int64(e.Offset))
		w.number("length", int64(e.Length))
		w.textIfAny("url", e.URL)
		if e.User != nil {
			w.user("user", e.User)
		}
		w.textIfAny("language", e.Language)
		w.textIfAny("custom_emoji_id", e.CustomEmojiID)
		w.numberUnless0("unix_time", e.UnixTime)
		w.put('}')
	}
	w.put(']')
}

func (w *jsonWriter) inline(keyboard wireInline) {
	w.put('{')
	w.name("inline_keyboard")
	w.put('[')
	for _, row := range keyboard {
		w.next()
		w.put('[')
		for i := range row {
			w.next()
			w.button(&row[i])
		}
		w.put(']')
	}
	w.put(']')
	w.put('}')
}

// button writes what a button does as the one field beside text and style.
func (w *jsonWriter) button(b *InlineButton) {
	inner := func(name, value string) {
		w.name(b.Kind)
		w.put('{')
		w.text(name, value)
		w.put('}')
	}
	w.put('{')
	w.text("text", b.Text)
	w.textIfAny("style", b.Style)
	switch b.Kind {
	case "callback_data":
		w.text(b.Kind, b.Data)
	case "url":
		w.text(b.Kind, b.URL)
	case "copy_text":
		inner("text", b.Copy)
	case "web_app":
		inner("url", b.WebApp)
	case "login_url":
		inner("url", b.URL)
	case "switch_inline_query", "switch_inline_query_current_chat":
		w.text(b.Kind, b.Switch)
	case "switch_inline_query_chosen_chat":
		w.name(b.Kind)
		w.put('{')
		w.put('}')
	}
	w.put('}')
}

func (w *jsonWriter) callback(c *wireCallback) {
	w.put('{')
	w.text("id", c.ID)
	w.user("from", &c.From)
	if c.Message != nil {
		w.field("message", c.Message)
	}
	w.text("chat_instance", c.ChatInstance)
	w.text("data", c.Data)
	w.put('}')
}
