package simulator

import "slices"

// editable finds the message that an edit is about, and checks that it is one of the bot's that can be edited:
// a message that brought a reply keyboard, or took one away, cannot.
func (s *Simulator) editable(q *query) (*chat, *Message, *apiError) {
	if q.args["chat_id"] == "" && q.messageID() == 0 {
		if q.args["inline_message_id"] == "" {
			return nil, nil, bad("Message identifier is not specified")
		}
		return nil, nil, bad("MESSAGE_ID_INVALID") // there are no inline messages here
	}
	c, err := s.chatOf(q, toEdit)
	if err != nil {
		return nil, nil, err
	}
	m := c.message(q.messageID())
	switch {
	case m == nil:
		return nil, nil, bad("message to edit not found")
	case !m.FromBot, m.ReplyKeyboard != nil, m.RemoveKeyboard, m.ForceReply, m.Kind == KindService:
		return nil, nil, bad("Message can't be edited")
	}
	return c, m, nil
}

// edit is what all edits have in common: change makes the changed copy of the message.
func (s *Simulator) edit(q *query, change func(*Message) *apiError) (any, *apiError) {
	keyboard, err := q.ahead.keyboard, q.ahead.keyboardErr
	if err != nil {
		return nil, err
	}
	c, m, err := s.editable(q)
	if err != nil {
		return nil, err
	}
	edited := *m
	if err := change(&edited); err != nil {
		return nil, err
	}
	if keyboard != nil && !keyboard.isInline() {
		return nil, bad("Inline keyboard expected")
	}
	if keyboard, err = checkMarkup(keyboard); err != nil {
		return nil, err
	}
	edited.InlineKeyboard = nil
	edited.bring(keyboard)
	if m.sameAs(&edited) {
		return nil, bad("MESSAGE_NOT_MODIFIED")
	}
	if err := c.reachable(); err != nil {
		return nil, err
	}
	if err := s.admit(c); err != nil {
		return nil, err
	}
	now := s.now()
	edited.Edited = now
	for _, cb := range s.callbacks {
		if cb.person.ID == c.person.ID && cb.message == m.ID && !now.After(cb.until) {
			edited.setPending(cb.data, true)
		}
	}
	*m = edited
	s.emitMessage(c, EventEdit, m)
	return s.wire(c, m, true), nil
}

// sameAs compares what a person sees: text, formatting, media and buttons.
func (m *Message) sameAs(other *Message) bool {
	same := m.Text == other.Text && slices.EqualFunc(m.Entities, other.Entities, sameEntity) && m.Kind == other.Kind
	if m.Photo != nil && other.Photo != nil {
		same = same && m.Photo.FileID == other.Photo.FileID
	}
	if m.Document != nil && other.Document != nil {
		same = same && m.Document.FileID == other.Document.FileID
	}
	return same && slices.EqualFunc(m.InlineKeyboard, other.InlineKeyboard, func(a, b []InlineButton) bool {
		return slices.EqualFunc(a, b, func(a, b InlineButton) bool {
			a.Pending, b.Pending = false, false
			return a == b
		})
	})
}

func sameEntity(a, b Entity) bool {
	a.User, b.User = nil, nil
	return a == b
}

func (s *Simulator) editMessageText(q *query) (any, *apiError) {
	if q.ahead.textErr != nil {
		return nil, q.ahead.textErr
	}
	return s.edit(q, func(m *Message) *apiError {
		if m.Kind != KindText {
			return bad("There is no text in the message to edit")
		}
		m.Text, m.Entities = q.ahead.text, q.ahead.entities
		return q.ahead.fixErr
	})
}

func (s *Simulator) editMessageCaption(q *query) (any, *apiError) {
	text, entities, err := formatted(q.args["caption"], q.args["parse_mode"], q.args["caption_entities"])
	if err != nil {
		return nil, err
	}
	return s.edit(q, func(m *Message) *apiError {
		if m.Kind != KindPhoto && m.Kind != KindDocument && m.Kind != KindVoice {
			return bad("There is no caption in the message to edit")
		}
		var err *apiError
		m.Text, m.Entities, err = fixCaption(text, entities)
		return err
	})
}

func (s *Simulator) editMessageReplyMarkup(q *query) (any, *apiError) {
	return s.edit(q, func(*Message) *apiError { return nil })
}

// editMessageMedia replaces a photo or document, or gives one to a text.
func (s *Simulator) editMessageMedia(q *query) (any, *apiError) {
	media, err := s.mediaArg(q)
	if err != nil {
		return nil, err
	}
	return s.edit(q, func(m *Message) *apiError {
		if m.Kind != KindText && m.Kind != KindPhoto && m.Kind != KindDocument {
			return bad("Message media can't be edited")
		}
		m.Kind, m.Photo, m.Document = media.Kind, media.Photo, media.Document
		m.Text, m.Entities = media.Text, media.Entities
		return nil
	})
}
