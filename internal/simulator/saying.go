package simulator

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Send types a text and sends it. Like the apps it sends nothing for a blank text and splits a long one into
// several messages. It returns the id of the last message sent, 0 for none. Whoever blocked the bot unblocks
// it by writing: the apps show no input field before.
func (p *Person) Send(text string) int { return p.Reply(0, text) }

// Reply sends a text as an answer to a message; 0: to none.
func (p *Person) Reply(messageID int, text string) int {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	last := 0
	for _, piece := range splitText(text) {
		fixed, entities, err := fixText(piece, nil, false)
		if err != nil {
			continue // blank: the app's button stays grey
		}
		last = p.sim.say(p.chat, &Message{Kind: KindText, Text: fixed, Entities: entities, ReplyTo: messageID})
	}
	return last
}

// splitText cuts a text into pieces that fit into a message, at a line or a word if one ends near.
func splitText(text string) []string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	var pieces []string
	for utf8.RuneCountInString(text) > maxText {
		cut := byteOffsetOfRune(text, maxText)
		if space := strings.LastIndexAny(text[:cut], " \n"); space > cut/2 {
			cut = space + 1
		}
		pieces = append(pieces, text[:cut])
		text = text[cut:]
	}
	return append(pieces, text)
}

func byteOffsetOfRune(text string, n int) int {
	for i := range text {
		if n == 0 {
			return i
		}
		n--
	}
	return len(text)
}

// ShareContact shares her own contact, by a request_contact button or the attach menu: contact.user_id is hers.
func (p *Person) ShareContact() int {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	return p.sim.say(p.chat, p.sim.ownContact(p))
}

func (s *Simulator) ownContact(p *Person) *Message {
	return &Message{Kind: KindContact, Contact: &Contact{
		Phone: p.Phone, FirstName: p.FirstName, LastName: p.LastName, UserID: p.ID,
	}}
}

// SendContact sends somebody's contact from the address book; userID is 0 if no account belongs to it.
func (p *Person) SendContact(name, phone string, userID int64) int {
	first, last, _ := strings.Cut(strings.TrimSpace(name), " ")
	return p.say(&Message{Kind: KindContact, Contact: &Contact{
		Phone: phone, FirstName: first, LastName: last, UserID: userID,
	}})
}

// SendPhoto sends an image.
func (p *Person) SendPhoto(data []byte) int {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	width, height, ok := imageSize(data)
	if !ok {
		width, height = 800, 600
	}
	id := p.sim.storePhoto(data, width, height)
	return p.sim.say(p.chat, &Message{Kind: KindPhoto, Photo: &Photo{FileID: id, Width: width, Height: height}})
}

// SendDocument sends a file.
func (p *Person) SendDocument(name string, data []byte) int {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	return p.sim.say(p.chat, &Message{Kind: KindDocument, Document: p.sim.storeDocument(name, data)})
}

// SendSticker sends a sticker that stands for an emoji.
func (p *Person) SendSticker(emoji string) int {
	return p.say(&Message{Kind: KindSticker, Sticker: emoji})
}

// SendVoice sends a voice message of three seconds.
func (p *Person) SendVoice() int {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	f := p.sim.store("voice", "AwACAgI", "voice/file_%d.oga", []byte("OggS simulated voice"))
	f.mime = "audio/ogg"
	return p.sim.say(p.chat, &Message{Kind: KindVoice, Voice: &Voice{FileID: f.id, Seconds: 3}})
}

// EditText changes the text of one of her messages; the bot gets an edited_message.
func (p *Person) EditText(messageID int, text string) error {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	m := p.chat.message(messageID)
	if m == nil || m.FromBot || m.Kind != KindText {
		return fmt.Errorf("no text %d of hers on the screen", messageID)
	}
	if !utf8.ValidString(text) {
		return bad("Strings must be encoded in UTF-8")
	}
	fixed, entities, err := fixText(text, nil, false)
	if err != nil {
		return err
	}
	if fixed == m.Text {
		return nil
	}
	m.Text, m.Entities, m.Edited = fixed, entities, p.sim.now()
	p.sim.emitMessage(p.chat, EventEdit, m)
	p.sim.push("edited_message", p.ID, p.ID, messageTTL, p.sim.wire(p.chat, m, true))
	return nil
}

// Delete deletes a message for both sides. Telegram does not tell the bot.
func (p *Person) Delete(messageID int) error {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	m := p.chat.message(messageID)
	if m == nil {
		return fmt.Errorf("no message %d on the screen", messageID)
	}
	p.sim.remove(p.chat, m)
	return nil
}

func (p *Person) say(m *Message) int {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	return p.sim.say(p.chat, m)
}

// say puts a message of the person into the chat and queues it for the bot. mu is held.
func (s *Simulator) say(c *chat, m *Message) int {
	s.revive(c)
	if c.replyTo != 0 && m.ReplyTo == 0 { // the bot forced a reply
		m.ReplyTo = c.replyTo
	}
	if c.replyTo != 0 {
		c.replyTo, c.keyboardOff = 0, false
	}
	s.add(c, m)
	s.push("message", c.person.ID, c.person.ID, messageTTL, s.wire(c, m, true))
	return m.ID
}
