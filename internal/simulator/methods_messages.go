package simulator

import (
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// deletable is how long after its sending a message can be deleted for both sides.
const deletable = 48 * time.Hour

// sendMessage checks in the server's order: the text, the keyboard's form, the chat, the text's length, the
// keyboard's limits, and last what only the far end knows.
func (s *Simulator) sendMessage(q *query) (any, *apiError) {
	if q.ahead.textErr != nil {
		return nil, q.ahead.textErr
	}
	return s.send(q, func(*chat) (*Message, *apiError) {
		if q.ahead.fixErr != nil {
			return nil, q.ahead.fixErr
		}
		return &Message{Kind: KindText, Text: q.ahead.text, Entities: q.ahead.entities}, nil
	})
}

// ahead is what can be found out of a query without knowing anything of chats. It takes most of the time, and nobody else has to
// wait for it: mu is not held.
type ahead struct {
	keyboard    *markup
	keyboardErr *apiError

	text     string // of a message, or what to put in its place
	entities []Entity
	textErr  *apiError // of its form
	fixErr   *apiError // of what is left of it; said later
}

// lookAhead reads the keyboard, and the text where one is sent or takes another's place.
func (q *query) lookAhead() {
	q.ahead.keyboard, q.ahead.keyboardErr = readMarkup(q.args["reply_markup"])
	if q.method != "sendmessage" && q.method != "editmessagetext" {
		return
	}
	text, entities, err := textArg(q)
	if err != nil {
		q.ahead.textErr = err
		return
	}
	q.ahead.text, q.ahead.entities, q.ahead.fixErr = fixMessageText(text, entities)
}

// textArg reads the arguments of a text and its formatting.
func textArg(q *query) (string, []Entity, *apiError) {
	if q.args["text"] == "" {
		return "", nil, bad("Message text is empty")
	}
	return formatted(q.args["text"], q.args["parse_mode"], q.args["entities"])
}

func fixMessageText(text string, entities []Entity) (string, []Entity, *apiError) {
	text, entities, err := fixText(text, entities, false)
	if err != nil {
		return "", nil, err
	}
	if utf8.RuneCountInString(text) > maxText {
		return "", nil, bad("Message is too long")
	}
	return text, entities, nil
}

func fixCaption(text string, entities []Entity) (string, []Entity, *apiError) {
	text, entities, err := fixText(text, entities, true)
	if err != nil {
		return "", nil, err
	}
	if utf8.RuneCountInString(text) > maxCaption {
		return "", nil, bad("Message caption is too long")
	}
	return text, entities, nil
}

// send is what all methods that send have in common; content makes the message once the chat is known.
func (s *Simulator) send(q *query, content func(*chat) (*Message, *apiError)) (any, *apiError) {
	replyTo, optional, err := replyArg(q)
	if err != nil {
		return nil, err
	}
	keyboard, err := q.ahead.keyboard, q.ahead.keyboardErr
	if err != nil {
		return nil, err
	}
	if q.args["business_connection_id"] != "" {
		return nil, bad("business connection not found")
	}
	c, err := s.chatOf(q, toWrite)
	if err != nil {
		return nil, err
	}
	if q.integer("message_thread_id", 0, 0, 1<<31-1) != 0 {
		return nil, bad("message thread not found")
	}
	if replyTo != 0 && c.message(replyTo) == nil {
		if !optional {
			return nil, bad("message to be replied not found")
		}
		replyTo = 0
	}
	if keyboard, err = checkMarkup(keyboard); err != nil {
		return nil, err
	}
	m, err := content(c)
	if err != nil {
		return nil, err
	}
	if err := c.reachable(); err != nil {
		return nil, err
	}
	if err := s.admit(c); err != nil {
		return nil, err
	}
	m.FromBot, m.ReplyTo = true, replyTo
	m.Silent, m.Protected = q.flag("disable_notification"), q.flag("protect_content")
	m.bring(keyboard)
	return s.wire(c, s.add(c, m), true), nil
}

func (m *Message) bring(keyboard *markup) {
	if keyboard == nil {
		return
	}
	m.InlineKeyboard, m.ReplyKeyboard = keyboard.inline, keyboard.keyboard
	m.RemoveKeyboard, m.ForceReply = keyboard.remove, keyboard.force
}

// replyArg reads reply_parameters, or the arguments of the same sense from before Bot API 7.0.
func replyArg(q *query) (id int, optional bool, err *apiError) {
	arg := q.args["reply_parameters"]
	if arg == "" {
		return int(q.integer("reply_to_message_id", 0, 0, 1<<31-1)), q.flag("allow_sending_without_reply"), nil
	}
	if !validJSON(arg) {
		return 0, false, bad("Can't parse reply parameters JSON object")
	}
	o, ok := readObject(arg)
	if !ok {
		return 0, false, bad("Object expected as reply parameters")
	}
	text, textErr := o.text("message_id")
	optional, flagErr := o.flag("allow_sending_without_reply")
	if textErr != nil || flagErr != nil {
		return 0, false, bad("Can't parse reply parameters JSON object")
	}
	return int(max(leadingInt(text), 0)), optional, nil
}

func (s *Simulator) deleteMessage(q *query) (any, *apiError) {
	if q.args["chat_id"] == "" {
		return nil, bad("Chat identifier is not specified")
	}
	if q.messageID() == 0 {
		return nil, bad("Message identifier is not specified")
	}
	c, err := s.chatOf(q, toWrite)
	if err != nil {
		return nil, err
	}
	m := c.message(q.messageID())
	if m == nil {
		return nil, bad("message to delete not found")
	}
	if err := s.mayDelete(m); err != nil {
		return nil, err
	}
	s.remove(c, m)
	return true, nil
}

func (s *Simulator) mayDelete(m *Message) *apiError {
	if m.Kind == KindService && m.FromBot || s.now().Sub(m.Date) > deletable {
		return bad("Message can't be deleted for everyone")
	}
	return nil
}

// deleteMessages skips messages that are not there, and deletes none if one of them must stay.
func (s *Simulator) deleteMessages(q *query) (any, *apiError) {
	ids, err := messageIDs(q.args["message_ids"])
	if err != nil {
		return nil, err
	}
	c, err := s.chatOf(q, toWrite)
	if err != nil {
		return nil, err
	}
	var found []*Message
	for _, id := range ids {
		m := c.message(id)
		if m == nil || slices.Contains(found, m) {
			continue
		}
		if err := s.mayDelete(m); err != nil {
			return nil, err
		}
		found = append(found, m)
	}
	for _, m := range found {
		s.remove(c, m)
	}
	return true, nil
}

func messageIDs(arg string) ([]int, *apiError) {
	if arg == "" {
		return nil, bad("Message identifiers are not specified")
	}
	if !validJSON(arg) {
		return nil, bad("Can't parse message_ids JSON object")
	}
	list := gjson.Parse(arg)
	if !list.IsArray() {
		return nil, bad("Expected an Array of message identifiers")
	}
	items := list.Array()
	switch {
	case len(items) > 100:
		return nil, bad("Too many message identifiers specified")
	case len(items) == 0:
		return nil, bad("Message identifiers are not specified")
	}
	ids := make([]int, 0, len(items))
	for _, item := range items {
		if item.Type != gjson.Number {
			return nil, bad("Message identifier must be a Number")
		}
		id, err := strconv.ParseInt(item.Raw, 10, 64)
		if err != nil || id > 1<<31-1 {
			return nil, bad("Can't parse message identifier as a Number")
		}
		if id <= 0 {
			return nil, bad("Invalid message identifier specified")
		}
		ids = append(ids, int(id))
	}
	return ids, nil
}

// copyMessage sends the content of a message of the same or another chat as a new message.
func (s *Simulator) copyMessage(q *query) (any, *apiError) {
	from := s.people[leadingInt(q.args["from_chat_id"])]
	if q.args["from_chat_id"] == "" {
		return nil, bad("chat_id is empty")
	}
	if from == nil || !from.started {
		return nil, bad("chat not found")
	}
	original := from.message(q.messageID())
	if original == nil || original.Kind == KindService {
		return nil, bad("message to copy not found")
	}
	sent, err := s.send(q, func(*chat) (*Message, *apiError) {
		m := *original
		return &Message{
			Kind: m.Kind, Text: m.Text, Entities: m.Entities, Photo: m.Photo, Document: m.Document,
			Contact: m.Contact, Sticker: m.Sticker, Voice: m.Voice,
		}, nil
	})
	if err != nil {
		return nil, err
	}
	return map[string]int{"message_id": sent.(*wireMessage).MessageID}, nil
}

func (s *Simulator) sendContact(q *query) (any, *apiError) {
	if q.args["phone_number"] == "" {
		return nil, bad(`Parameter "phone_number" is required`)
	}
	if q.args["first_name"] == "" {
		return nil, bad(`Parameter "first_name" is required`)
	}
	return s.send(q, func(*chat) (*Message, *apiError) {
		return &Message{Kind: KindContact, Contact: &Contact{
			Phone: q.args["phone_number"], FirstName: q.args["first_name"], LastName: q.args["last_name"],
		}}, nil
	})
}
