package simulator

import (
	"slices"
	"strconv"
)

// User is a person or the bot as the Bot API describes them.
type User struct {
	ID           int64  `json:"id"`
	IsBot        bool   `json:"is_bot"`
	FirstName    string `json:"first_name"`
	LastName     string `json:"last_name,omitempty"`
	Username     string `json:"username,omitempty"`
	LanguageCode string `json:"language_code,omitempty"`
}

type wireMe struct {
	User
	CanJoinGroups           bool `json:"can_join_groups"`
	CanReadAllGroupMessages bool `json:"can_read_all_group_messages"`
	SupportsInlineQueries   bool `json:"supports_inline_queries"`
	CanConnectToBusiness    bool `json:"can_connect_to_business"`
	HasMainWebApp           bool `json:"has_main_web_app"`
}

type wireChat struct {
	ID        int64  `json:"id"`
	Type      string `json:"type"`
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	Username  string `json:"username,omitempty"`
}

// wireChatFull is what getChat answers.
type wireChatFull struct {
	wireChat
	AccentColorID     int             `json:"accent_color_id"`
	MaxReactionCount  int             `json:"max_reaction_count"`
	AcceptedGiftTypes map[string]bool `json:"accepted_gift_types"`
	PinnedMessage     *wireMessage    `json:"pinned_message,omitempty"`
}

type wireMessage struct {
	MessageID       int          `json:"message_id"`
	From            User         `json:"from"`
	Chat            wireChat     `json:"chat"`
	Date            int64        `json:"date"`
	EditDate        int64        `json:"edit_date,omitempty"`
	HasProtected    bool         `json:"has_protected_content,omitempty"`
	ReplyToMessage  *wireMessage `json:"reply_to_message,omitempty"`
	Text            string       `json:"text,omitempty"`
	Entities        []Entity     `json:"entities,omitempty"`
	Caption         string       `json:"caption,omitempty"`
	CaptionEntities []Entity     `json:"caption_entities,omitempty"`
	Photo           []wireFile   `json:"photo,omitempty"`
	Document        *wireFile    `json:"document,omitempty"`
	Sticker         *wireSticker `json:"sticker,omitempty"`
	Voice           *wireFile    `json:"voice,omitempty"`
	Contact         *wireContact `json:"contact,omitempty"`
	PinnedMessage   *wireMessage `json:"pinned_message,omitempty"`
	ReplyMarkup     wireInline   `json:"reply_markup,omitempty"`
}

// wireFile serves for photo sizes, documents, voices and getFile, which differ in what they leave out.
type wireFile struct {
	FileID       string `json:"file_id"`
	FileUniqueID string `json:"file_unique_id"`
	FileName     string `json:"file_name,omitempty"`
	MIMEType     string `json:"mime_type,omitempty"`
	Width        int    `json:"width,omitempty"`
	Height       int    `json:"height,omitempty"`
	Duration     int    `json:"duration,omitempty"`
	FileSize     int    `json:"file_size,omitempty"`
	FilePath     string `json:"file_path,omitempty"`
}

type wireSticker struct {
	wireFile
	Type       string `json:"type"`
	IsAnimated bool   `json:"is_animated"`
	IsVideo    bool   `json:"is_video"`
	Emoji      string `json:"emoji,omitempty"`
}

type wireContact struct {
	PhoneNumber string `json:"phone_number"`
	FirstName   string `json:"first_name"`
	LastName    string `json:"last_name,omitempty"`
	UserID      int64  `json:"user_id,omitempty"`
}

// wireInline is an inline keyboard. That a button is pending is not said.
type wireInline [][]InlineButton

// MarshalJSON is for a message within what is written by reflection, as in getChat's answer.
func (k wireInline) MarshalJSON() ([]byte, error) {
	var w jsonWriter
	w.inline(k)
	return w.b, nil
}

type wireCallback struct {
	ID           string       `json:"id"`
	From         User         `json:"from"`
	Message      *wireMessage `json:"message,omitempty"`
	ChatInstance string       `json:"chat_instance"`
	Data         string       `json:"data"`
}

// wireUpdate is an update, whose body is a field named for its kind.
type wireUpdate struct {
	id   int
	kind string
	body any
}

// bot is the bot as a user.
func (s *Simulator) bot() User {
	return User{ID: s.botID, IsBot: true, FirstName: s.cfg.BotName, Username: s.cfg.BotUsername}
}

func (p *Person) user() User {
	return User{
		ID: p.ID, FirstName: p.FirstName, LastName: p.LastName, Username: p.Username, LanguageCode: p.LanguageCode,
	}
}

func (c *chat) wire() wireChat {
	p := c.person
	return wireChat{ID: p.ID, Type: "private", FirstName: p.FirstName, LastName: p.LastName, Username: p.Username}
}

// wire describes a message as the Bot API does; a reply carries the message it answers, one level deep.
func (s *Simulator) wire(c *chat, m *Message, withReply bool) *wireMessage {
	w := &wireMessage{
		MessageID: m.ID, From: c.person.user(), Chat: c.wire(), Date: m.Date.Unix(), HasProtected: m.Protected,
		ReplyMarkup: m.InlineKeyboard,
	}
	if m.FromBot {
		w.From = s.bot()
	}
	if !m.Edited.IsZero() {
		w.EditDate = m.Edited.Unix()
	}
	if original := c.message(m.ReplyTo); withReply && m.ReplyTo != 0 && original != nil {
		if m.Kind == KindService {
			w.PinnedMessage = s.wire(c, original, false)
		} else {
			w.ReplyToMessage = s.wire(c, original, false)
		}
	}
	entities := s.wireEntities(m.Entities)
	if m.Kind == KindText {
		w.Text, w.Entities = m.Text, entities
	} else {
		w.Caption, w.CaptionEntities = m.Text, entities
	}
	switch m.Kind {
	case KindPhoto:
		w.Photo = s.photoSizes(m.Photo.FileID)
	case KindDocument:
		w.Document = s.files[m.Document.FileID].wire()
	case KindVoice:
		w.Voice = s.files[m.Voice.FileID].wire()
		w.Voice.Duration = m.Voice.Seconds
	case KindSticker:
		w.Sticker = &wireSticker{wireFile: *s.sticker(m.Sticker).wire(), Type: "regular", Emoji: m.Sticker}
	case KindContact:
		w.Contact = &wireContact{
			PhoneNumber: m.Contact.Phone, FirstName: m.Contact.FirstName, LastName: m.Contact.LastName,
			UserID: m.Contact.UserID,
		}
	}
	return w
}

func (s *Simulator) wireEntities(entities []Entity) []Entity {
	if !slices.ContainsFunc(entities, func(e Entity) bool { return e.UserID != 0 }) {
		return entities
	}
	wired := make([]Entity, 0, len(entities))
	for _, e := range entities {
		if e.UserID != 0 {
			known := s.people[e.UserID]
			if known == nil {
				continue // a mention of somebody the bot does not know is plain text
			}
			user := known.person.user()
			e.User = &user
		}
		wired = append(wired, e)
	}
	return wired
}

func formatID(id int64) string { return strconv.FormatInt(id, 10) }
