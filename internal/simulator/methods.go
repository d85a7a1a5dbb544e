package simulator

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A method answers one call; mu is held.
type method func(*Simulator, *query) (any, *apiError)

// methodTable lists what is simulated, by lower-cased name. getUpdates is not among them: it waits.
func methodTable() map[string]method {
	return map[string]method{
		"getme":   (*Simulator).getMe,
		"logout":  (*Simulator).logOut,
		"close":   (*Simulator).closeBot,
		"getchat": (*Simulator).getChat,

		"sendmessage":            (*Simulator).sendMessage,
		"sendphoto":              (*Simulator).sendPhoto,
		"senddocument":           (*Simulator).sendDocument,
		"sendcontact":            (*Simulator).sendContact,
		"copymessage":            (*Simulator).copyMessage,
		"sendchataction":         (*Simulator).sendChatAction,
		"editmessagetext":        (*Simulator).editMessageText,
		"editmessagecaption":     (*Simulator).editMessageCaption,
		"editmessagemedia":       (*Simulator).editMessageMedia,
		"editmessagereplymarkup": (*Simulator).editMessageReplyMarkup,
		"deletemessage":          (*Simulator).deleteMessage,
		"deletemessages":         (*Simulator).deleteMessages,
		"pinchatmessage":         (*Simulator).pinChatMessage,
		"unpinchatmessage":       (*Simulator).unpinChatMessage,
		"unpinallchatmessages":   (*Simulator).unpinAllChatMessages,
		"answercallbackquery":    (*Simulator).answerCallbackQuery,
		"getfile":                (*Simulator).getFile,

		"setmycommands":         (*Simulator).setMyCommands,
		"getmycommands":         (*Simulator).getMyCommands,
		"deletemycommands":      (*Simulator).deleteMyCommands,
		"setmyname":             profileSetter("name", 64),
		"getmyname":             profileGetter("name"),
		"setmydescription":      profileSetter("description", 512),
		"getmydescription":      profileGetter("description"),
		"setmyshortdescription": profileSetter("short_description", 120),
		"setmyprofilephoto":     (*Simulator).setMyProfilePhoto,
		"removemyprofilephoto":  (*Simulator).removeMyProfilePhoto,
		"getmyshortdescription": profileGetter("short_description"),
		"setchatmenubutton":     (*Simulator).setChatMenuButton,
		"getchatmenubutton":     (*Simulator).getChatMenuButton,

		"setwebhook":     (*Simulator).setWebhook,
		"deletewebhook":  (*Simulator).deleteWebhook,
		"getwebhookinfo": (*Simulator).getWebhookInfo,
	}
}

func (s *Simulator) getMe(*query) (any, *apiError) {
	return wireMe{User: s.bot(), CanJoinGroups: true}, nil
}

func (s *Simulator) logOut(*query) (any, *apiError) {
	s.loggedOut = true
	s.endPoll("Logged out")
	return true, nil
}

// closeBot would move the bot to another server; here it stays.
func (s *Simulator) closeBot(*query) (any, *apiError) { return true, nil }

// access says what a method wants to do in a chat.
type access int

const (
	toRead access = iota
	toEdit
	toWrite
)

// chatOf finds the chat that the argument chat_id names and checks that the bot may do there what it wants.
func (s *Simulator) chatOf(q *query, want access) (*chat, *apiError) {
	arg := q.args["chat_id"]
	if arg == "" {
		return nil, bad("chat_id is empty")
	}
	c := s.people[leadingInt(arg)]
	switch {
	case c == nil, !c.started && want == toRead:
		return nil, bad("chat not found")
	case !c.started:
		return nil, forbidden("Bot can't initiate conversation with a user")
	case c.deactivated && want != toRead:
		return nil, forbidden("user is deactivated")
	}
	return c, nil
}

// reachable checks what the server checks at last: a blocked bot gets 403 for what was otherwise right.
func (c *chat) reachable() *apiError {
	if c.blocked {
		return forbidden("bot was blocked by the user")
	}
	return nil
}

func (s *Simulator) getChat(q *query) (any, *apiError) {
	c, err := s.chatOf(q, toRead)
	if err != nil {
		return nil, err
	}
	full := wireChatFull{
		wireChat: c.wire(), AccentColorID: int(c.person.ID % 7), MaxReactionCount: 11,
		AcceptedGiftTypes: map[string]bool{
			"unlimited_gifts": true, "limited_gifts": true, "unique_gifts": true, "premium_subscription": true,
			"gifts_from_channels": true,
		},
	}
	if m := c.message(c.pinned); m != nil && c.pinned != 0 {
		full.PinnedMessage = s.wire(c, m, false)
	}
	return full, nil
}

var chatActions = []string{
	"cancel", "typing", "record_video", "upload_video", "record_audio", "record_voice", "upload_audio",
	"upload_voice", "upload_photo", "upload_document", "choose_sticker", "pick_up_location", "find_location",
	"record_video_note", "upload_video_note",
}

func (s *Simulator) sendChatAction(q *query) (any, *apiError) {
	action := strings.ToLower(q.args["action"])
	if !slices.Contains(chatActions, action) {
		return nil, bad("Wrong parameter action in request")
	}
	c, err := s.chatOf(q, toWrite)
	if err != nil {
		return nil, err
	}
	if err := c.reachable(); err != nil {
		return nil, err
	}
	c.action = action
	if action == "cancel" {
		c.action = ""
	}
	s.emit(Event{Type: EventChatAction, Person: c.person.ID, Action: c.action})
	return true, nil
}

// answerCallbackQuery ends the pending state of a tap. An id that is unknown, answered or too old is refused.
func (s *Simulator) answerCallbackQuery(q *query) (any, *apiError) {
	id := q.args["callback_query_id"]
	cb := s.callbacks[id]
	if cb == nil || s.now().After(cb.until) {
		delete(s.callbacks, id)
		return nil, bad("QUERY_ID_INVALID")
	}
	text, _, err := cleanText(q.args["text"], nil)
	if err != nil {
		return nil, err
	}
	if len([]rune(text)) > maxToast {
		return nil, bad("MESSAGE_TOO_LONG")
	}
	link := q.args["url"]
	if link != "" && !strings.HasPrefix(link, "https://t.me/"+s.cfg.BotUsername+"?start=") {
		return nil, bad("URL_INVALID") // other addresses are for games
	}
	delete(s.callbacks, id)
	c := cb.person.chat
	if m := c.message(cb.message); m != nil {
		m.setPending(cb.data, s.stillPending(cb))
		s.emitMark(c, m)
	}
	s.toast(c, Toast{Text: text, Alert: q.flag("show_alert"), URL: link})
	return true, nil
}

const maxToast = 200

// stillPending reports another tap on the same button that waits for its answer.
func (s *Simulator) stillPending(answered *callback) bool {
	for _, other := range s.callbacks {
		if other.person.ID == answered.person.ID && other.message == answered.message &&
			other.data == answered.data && !s.now().After(other.until) {
			return true
		}
	}
	return false
}

func (s *Simulator) pinChatMessage(q *query) (any, *apiError) {
	c, err := s.chatOf(q, toWrite)
	if err != nil {
		return nil, err
	}
	m := c.message(q.messageID())
	if m == nil {
		return nil, bad("message to pin not found")
	}
	if c.pinned == m.ID {
		return true, nil
	}
	s.unpin(c)
	c.pinned, m.Pinned = m.ID, true
	s.emitMessage(c, EventEdit, m)
	s.add(c, &Message{FromBot: true, Kind: KindService, ReplyTo: m.ID, Silent: q.flag("disable_notification")})
	return true, nil
}

func (s *Simulator) unpinChatMessage(q *query) (any, *apiError) {
	c, err := s.chatOf(q, toWrite)
	if err != nil {
		return nil, err
	}
	id := q.messageID()
	if id == 0 {
		id = c.pinned
	}
	if id == 0 || c.message(id) == nil {
		return nil, bad("message to unpin not found")
	}
	if id == c.pinned {
		s.unpin(c)
	}
	return true, nil
}

func (s *Simulator) unpinAllChatMessages(q *query) (any, *apiError) {
	c, err := s.chatOf(q, toWrite)
	if err != nil {
		return nil, err
	}
	s.unpin(c)
	return true, nil
}

func (s *Simulator) unpin(c *chat) {
	if m := c.message(c.pinned); m != nil && c.pinned != 0 {
		m.Pinned = false
		s.emitMessage(c, EventEdit, m)
	}
	c.pinned = 0
}

// Call is one call of the Bot API as the log keeps it.
type Call struct {
	Method      string // as Telegram spells it
	Chat        int64  // 0 if the method names none
	Params      map[string]string
	Unknown     []string // arguments that the method does not have: Telegram ignores them, a test should not
	Status      int      // 200, or the error code
	Description string   // of the error
	At          time.Time
}

// callsKept is how many calls the log keeps at least, if Config.Keep does not say.
const callsKept = 10_000

// Calls returns the log of calls, oldest first. The newest are kept (Config.Keep).
func (s *Simulator) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// CallsSince returns the calls after the first n of all, or those of them that are kept, and how many there are by now.
func (s *Simulator) CallsSince(n int) (calls []Call, all int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	dropped := s.called - len(s.calls)
	return slices.Clone(s.calls[min(max(n-dropped, 0), len(s.calls)):]), s.called
}

// CallsOf returns the calls of one method.
func (s *Simulator) CallsOf(method string) []Call {
	calls := s.Calls()
	return slices.DeleteFunc(calls, func(c Call) bool { return !strings.EqualFold(c.Method, method) })
}

// record puts a call into the log.
func (s *Simulator) record(q *query, started time.Time, err *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log(q, started, err)
}

// log is record with mu held.
func (s *Simulator) log(q *query, started time.Time, err *apiError) {
	call := Call{
		Method: q.method, Chat: q.chat, Params: q.args, Unknown: s.unknown(q), Status: 200, At: started,
	}
	if known, ok := s.spec[q.method]; ok {
		call.Method = known.Name
	}
	if err != nil {
		call.Status, call.Description = err.code, err.text
	}
	s.called++
	s.calls = keep(append(s.calls, call), cmp.Or(s.cfg.Keep, callsKept))
	s.broadcast()
}

// chatID is the chat a call is about; callback answers are about the chat of the tap. mu is held.
func (s *Simulator) chatID(q *query) int64 {
	if cb := s.callbacks[q.args["callback_query_id"]]; cb != nil {
		return cb.person.ID
	}
	return leadingInt(q.args["chat_id"])
}
