package simulator_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"vetalyze/internal/simulator"
)

const (
	notModified = "Bad Request: message is not modified: specified new message content and reply markup are exactly " +
		"the same as a current content and reply markup of the message"
	tooOld = "Bad Request: query is too old and response timeout expired or query ID is invalid"
)

func button(data string) string {
	return `{"inline_keyboard":[[{"text":"Yes","callback_data":"` + data + `","copy_text":{"text":""}}]]}`
}

// row is an inline keyboard of rows times columns buttons.
func grid(rows, columns int) string {
	one := `{"text":"x","callback_data":"x"}`
	line := "[" + strings.TrimSuffix(strings.Repeat(one+",", columns), ",") + "]"
	return `{"inline_keyboard":[` + strings.TrimSuffix(strings.Repeat(line+",", rows), ",") + "]}"
}

// TestRefusals holds the verbatim refusals of calls that need no preparation. Amina's chat has the messages
// 1 "/start" of hers, 2 a text with a button, 3 a text with a reply keyboard and 4 a contact, all three of the bot.
func TestRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send("Question", args{"reply_markup": button("yes")})
	w.send("Keyboard", args{"reply_markup": `{"keyboard":[["A"]]}`})
	w.ok("sendContact", args{"chat_id": "11", "phone_number": "1", "first_name": "N"})
	const to = "11"
	tests := []struct {
		name, method string
		args         args
		want         string
	}{
		{"unknown method", "sendNothing", nil, "404 Not Found: method not found"},
		{"method beyond the simulator", "sendPoll", nil, "501 Not Implemented: the simulator has no method sendPoll"},
		{"no text", "sendMessage", args{"chat_id": to}, "400 Bad Request: message text is empty"},
		{"blank text", "sendMessage", args{"chat_id": to, "text": " \n\t "}, "400 Bad Request: text must be non-empty"},
		{
			"text of tags only", "sendMessage",
			args{"chat_id": to, "text": "<b> </b>", "parse_mode": "HTML"},
			"400 Bad Request: text must be non-empty",
		},
		{
			"4097 characters", "sendMessage",
			args{"chat_id": to, "text": strings.Repeat("ي", 4097)},
			"400 Bad Request: message is too long",
		},
		{
			"32769 bytes", "sendMessage",
			args{"chat_id": to, "text": strings.Repeat("x", 32769)},
			"400 Bad Request: text is too long",
		},
		{
			"no UTF-8", "sendMessage",
			args{"chat_id": to, "text": "a\xff"},
			"400 Bad Request: strings must be encoded in UTF-8",
		},
		{
			"parse mode", "sendMessage",
			args{"chat_id": to, "text": "x", "parse_mode": "BB"},
			"400 Bad Request: unsupported parse_mode",
		},
		{
			"markdown", "sendMessage",
			args{"chat_id": to, "text": "x", "parse_mode": "MarkdownV2"},
			"501 Not Implemented: the simulator has no parse_mode other than HTML",
		},
		{
			"tag", "sendMessage",
			args{"chat_id": to, "text": "a<p>", "parse_mode": "html"},
			`400 Bad Request: can't parse entities: Unsupported start tag "p" at byte offset 1`,
		},
		{"no chat", "sendMessage", args{"text": "x"}, "400 Bad Request: chat_id is empty"},
		{"unknown chat", "sendMessage", args{"chat_id": "99", "text": "x"}, "400 Bad Request: chat not found"},
		{"name of a person", "sendMessage", args{"chat_id": "@amina", "text": "x"}, "400 Bad Request: chat not found"},
		{
			"never started", "sendMessage",
			args{"chat_id": "12", "text": "x"},
			"403 Forbidden: bot can't initiate conversation with a user",
		},
		{
			"action never started", "sendChatAction",
			args{"chat_id": "12", "action": "typing"},
			"403 Forbidden: bot can't initiate conversation with a user",
		},
		{"chat never started", "getChat", args{"chat_id": "12"}, "400 Bad Request: chat not found"},
		{
			"reply to nothing", "sendMessage",
			args{"chat_id": to, "text": "x", "reply_parameters": `{"message_id":77}`},
			"400 Bad Request: message to be replied not found",
		},
		{
			"reply not JSON", "sendMessage",
			args{"chat_id": to, "text": "x", "reply_parameters": `{`},
			"400 Bad Request: can't parse reply parameters JSON object",
		},
		{
			"thread", "sendMessage",
			args{"chat_id": to, "text": "x", "message_thread_id": "5"},
			"400 Bad Request: message thread not found",
		},

		{
			"markup not JSON", "sendMessage",
			args{"chat_id": to, "text": "x", "reply_markup": "{"},
			"400 Bad Request: can't parse reply keyboard markup JSON object",
		},
		{
			"markup no object", "sendMessage",
			args{"chat_id": to, "text": "x", "reply_markup": "[]"},
			"400 Bad Request: object expected as reply markup",
		},
		{
			"markup no rows", "sendMessage",
			args{"chat_id": to, "text": "x", "reply_markup": `{"inline_keyboard":[{}]}`},
			`400 Bad Request: field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays`,
		},
		{
			"button does nothing", "sendMessage",
			args{"chat_id": to, "text": "x", "reply_markup": `{"inline_keyboard":[[{"text":"A"}]]}`},
			"400 Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
		},
		{
			"button without text", "sendMessage",
			args{"chat_id": to, "text": "x", "reply_markup": `{"inline_keyboard":[[{"callback_data":"A"}]]}`},
			`400 Bad Request: can't parse inline keyboard button: Can't find field "text"`,
		},
		{
			"only empty copy_text", "sendMessage",
			args{"chat_id": to, "text": "x", "reply_markup": `{"inline_keyboard":[[{"text":"A","copy_text":{"text":""}}]]}`},
			"400 Bad Request: BUTTON_COPY_TEXT_INVALID",
		},
		{
			"65 bytes of data", "sendMessage",
			args{"chat_id": to, "text": "x", "reply_markup": button(strings.Repeat("d", 65))},
			"400 Bad Request: BUTTON_DATA_INVALID",
		},
		{
			"65 bytes of Arabic data", "sendMessage",
			args{"chat_id": to, "text": "x", "reply_markup": button(strings.Repeat("ي", 32) + "x")},
			"400 Bad Request: BUTTON_DATA_INVALID",
		},
		{
			"button URL", "sendMessage",
			args{"chat_id": to, "text": "x", "reply_markup": `{"inline_keyboard":[[{"text":"A","url":"http://localhost"}]]}`},
			"400 Bad Request: inline keyboard button URL 'http://localhost' is invalid: Wrong HTTP URL",
		},
		{
			"101 buttons", "sendMessage",
			args{"chat_id": to, "text": "x", "reply_markup": grid(101, 1)},
			"400 Bad Request: reply markup is too long",
		},
		{
			"9 in a row", "sendMessage",
			args{"chat_id": to, "text": "x", "reply_markup": grid(1, 9)},
			"400 Bad Request: reply markup is too long",
		},
		{
			"reply button", "sendMessage",
			args{"chat_id": to, "text": "x", "reply_markup": `{"keyboard":[[7]]}`},
			"400 Bad Request: can't parse keyboard button: KeyboardButton must be a String or an Object",
		},
		{
			"flag of a button", "sendMessage",
			args{"chat_id": to, "text": "x", "reply_markup": `{"keyboard":[[{"text":"A","request_contact":"yes"}]]}`},
			`400 Bad Request: can't parse keyboard button: Field "request_contact" must be of type Boolean`,
		},

		{"edit nothing", "editMessageText", args{"text": "x"}, "400 Bad Request: message identifier is not specified"},
		{
			"edit unknown", "editMessageText",
			args{"chat_id": to, "message_id": "99", "text": "x"},
			"400 Bad Request: message to edit not found",
		},
		{
			"edit hers", "editMessageText",
			args{"chat_id": to, "message_id": "1", "text": "x"},
			"400 Bad Request: message can't be edited",
		},
		{
			"edit with reply keyboard", "editMessageText",
			args{"chat_id": to, "message_id": "3", "text": "x"},
			"400 Bad Request: message can't be edited",
		},
		{
			"edit no text", "editMessageText",
			args{"chat_id": to, "message_id": "4", "text": "x"},
			"400 Bad Request: there is no text in the message to edit",
		},
		{
			"edit no caption", "editMessageCaption",
			args{"chat_id": to, "message_id": "2", "caption": "x"},
			"400 Bad Request: there is no caption in the message to edit",
		},
		{
			"edit no media", "editMessageMedia",
			args{"chat_id": to, "message_id": "2"},
			`400 Bad Request: parameter "media" is required`,
		},
		{
			"edit same", "editMessageText",
			args{"chat_id": to, "message_id": "2", "text": " Question\n", "reply_markup": button("yes")},
			"400 " + notModified,
		},
		{
			"markup same", "editMessageReplyMarkup",
			args{"chat_id": to, "message_id": "2", "reply_markup": button("yes")},
			"400 " + notModified,
		},
		{
			"edit reply keyboard in", "editMessageText",
			args{"chat_id": to, "message_id": "2", "text": "x", "reply_markup": `{"keyboard":[["A"]]}`},
			"400 Bad Request: inline keyboard expected",
		},

		{"delete where", "deleteMessage", args{"message_id": "2"}, "400 Bad Request: chat identifier is not specified"},
		{"delete what", "deleteMessage", args{"chat_id": to}, "400 Bad Request: message identifier is not specified"},
		{
			"delete unknown", "deleteMessage",
			args{"chat_id": to, "message_id": "99"},
			"400 Bad Request: message to delete not found",
		},
		{
			"delete none", "deleteMessages",
			args{"chat_id": to, "message_ids": "[]"},
			"400 Bad Request: message identifiers are not specified",
		},
		{
			"delete 101", "deleteMessages",
			args{"chat_id": to, "message_ids": "[1" + strings.Repeat(",1", 100) + "]"},
			"400 Bad Request: too many message identifiers specified",
		},
		{
			"delete words", "deleteMessages",
			args{"chat_id": to, "message_ids": `["a"]`},
			"400 Bad Request: message identifier must be a Number",
		},

		{"answer unknown", "answerCallbackQuery", args{"callback_query_id": "1"}, "400 " + tooOld},
		{
			"action", "sendChatAction",
			args{"chat_id": to, "action": "dance"},
			"400 Bad Request: wrong parameter action in request",
		},
		{
			"pin unknown", "pinChatMessage",
			args{"chat_id": to, "message_id": "99"},
			"400 Bad Request: message to pin not found",
		},
		{"no photo", "sendPhoto", args{"chat_id": to}, "400 Bad Request: there is no photo in the request"},
		{"no document", "sendDocument", args{"chat_id": to}, "400 Bad Request: there is no document in the request"},
		{
			"photo of no file", "sendPhoto",
			args{"chat_id": to, "photo": "AgAC"},
			"400 Bad Request: wrong remote file identifier specified: can't unserialize it",
		},
		{
			"photo of no file, no base64", "sendPhoto",
			args{"chat_id": to, "photo": "a b"},
			"400 Bad Request: wrong remote file identifier specified: Wrong character in the string",
		},
		{"photo nowhere", "sendPhoto", args{"chat_id": "99", "photo": "AgAC"}, "400 Bad Request: chat not found"},
		{"unpin nothing", "unpinChatMessage", args{"chat_id": to}, "400 Bad Request: message to unpin not found"},
		{
			"menu button by http", "setChatMenuButton",
			args{"menu_button": `{"type":"web_app","text":"A","web_app":{"url":"http://e.com"}}`},
			"400 Bad Request: menu button Web App URL 'http://e.com' is invalid: Only HTTPS links are allowed",
		},
		{"file", "getFile", nil, "400 Bad Request: file_id not specified"},

		{
			"command in capitals", "setMyCommands",
			args{"commands": `[{"command":"Start","description":"d"}]`},
			"400 Bad Request: BOT_COMMAND_INVALID",
		},
		{
			"command of 33", "setMyCommands",
			args{"commands": `[{"command":"` + strings.Repeat("a", 33) + `","description":"d"}]`},
			"400 Bad Request: command length must not exceed 32",
		},
		{
			"command without description", "setMyCommands",
			args{"commands": `[{"command":"a","description":" "}]`},
			"400 Bad Request: command description must be non-empty",
		},
		{
			"description of 257", "setMyCommands",
			args{"commands": `[{"command":"a","description":"` + strings.Repeat("d", 257) + `"}]`},
			"400 Bad Request: command description length must not exceed 256",
		},
		{
			"commands for a stranger", "setMyCommands",
			args{"commands": `[{"command":"a","description":"d"}]`, "scope": `{"type":"chat","chat_id":12}`},
			"400 Bad Request: chat not found",
		},
		{
			"commands scope", "setMyCommands",
			args{"commands": "[]", "scope": `{"type":"all"}`},
			"400 Bad Request: can't parse BotCommandScope: Unsupported type specified",
		},
		{
			"commands language", "setMyCommands",
			args{"commands": "[]", "language_code": "ar-EG"},
			"400 Bad Request: invalid language code specified",
		},

		{
			"webhook by http", "setWebhook",
			args{"url": "http://example.com/hook"},
			"400 Bad Request: bad webhook: An HTTPS URL must be provided for webhook",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before := len(w.amina.Chat())
			got := w.call(test.method, test.args)
			if said := strconv.Itoa(got.Status) + " " + got.Description; said != test.want {
				t.Errorf("got  %s\nwant %s", said, test.want)
			}
			if after := len(w.amina.Chat()); after != before {
				t.Errorf("the refused call left a message")
			}
		})
	}
	if got := w.Unsimulated()["method sendPoll"]; got != 1 {
		t.Errorf("sendPoll counted %d times, want once", got)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for path, want := range map[string]string{
		"/bot123/getMe":      "401 Unauthorized: invalid token specified",
		"/bot0123:abc/getMe": "401 Unauthorized: invalid token specified",
		"/bot1:" + strings.Repeat("a", 80) + "/getMe": "401 Unauthorized: invalid token specified",
		"/botabc:def/getMe":                           "421 Misdirected Request: unallowed token specified",
		"/bot123:abc/getMe":                           "401 Unauthorized",
		"/elsewhere":                                  "404 Not Found",
		"/file/bot123:abc/x":                          "401 Unauthorized",
		"/file/bot" + w.Token() + "/x":                "404 Not Found",
	} {
		response, err := w.Client().Get("http://telegram" + path)
		if err != nil {
			t.Fatal(err)
		}
		got := readAnswer(t, response)
		if said := strconv.Itoa(got.Status) + " " + got.Description; said != want {
			t.Errorf("%s: got %s, want %s", path, said, want)
		}
	}
}

func TestLimitsAreReached(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(strings.Repeat("😀", 4096), nil)
	w.send("<b>"+strings.Repeat("&lt;", 4096)+"</b>", args{"parse_mode": "HTML"})
	w.send("x", args{"reply_markup": button(strings.Repeat("d", 64))})
	w.send("x", args{"reply_markup": grid(12, 8)})
	w.send("x", args{"reply_markup": grid(100, 1)})
}

func TestCallbacksAreAnsweredOnceAndInTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.send("Q", args{"reply_markup": button("yes")})
	query := func() string {
		t.Helper()
		if err := w.amina.TapData(id, "forged:1"); err != nil {
			t.Fatal(err)
		}
		var updates []struct {
			Query struct{ ID, Data string } `json:"callback_query"`
		}
		decode(t, w.ok("getUpdates", args{"offset": "-1"}), &updates)
		if updates[0].Query.Data != "forged:1" {
			t.Fatalf("data %q", updates[0].Query.Data)
		}
		return updates[0].Query.ID
	}
	first := query()
	if got := w.call("answerCallbackQuery", args{"callback_query_id": first, "text": strings.Repeat("x", 201)}); got.Description != "Bad Request: MESSAGE_TOO_LONG" {
		t.Errorf("201 characters: %s", got.Description)
	}
	w.ok("answerCallbackQuery", args{"callback_query_id": first, "text": "ok", "show_alert": "true"})
	if got := w.call("answerCallbackQuery", args{"callback_query_id": first}); got.Description != tooOld {
		t.Errorf("answered twice: %s", got.Description)
	}
	second := query()
	w.clock.Advance(3 * time.Minute)
	if got := w.call("answerCallbackQuery", args{"callback_query_id": second}); got.Description != tooOld {
		t.Errorf("answered late: %s", got.Description)
	}
	if got := w.amina.Toasts(); len(got) != 1 || !got[0].Alert || got[0].Text != "ok" {
		t.Errorf("toasts %+v", got)
	}
}

func TestTapIsPendingUntilAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send("Q", args{"reply_markup": button("yes")})
	pending := func() bool {
		m, _ := w.amina.Last()
		return m.InlineKeyboard[0][0].Pending
	}
	if err := w.amina.Tap("Yes"); err != nil {
		t.Fatal(err)
	}
	if !pending() {
		t.Error("the button is not pending after the tap")
	}
	var updates []struct {
		Query struct{ ID string } `json:"callback_query"`
	}
	decode(t, w.ok("getUpdates", args{"offset": "-1"}), &updates)
	w.ok("answerCallbackQuery", args{"callback_query_id": updates[0].Query.ID})
	if pending() {
		t.Error("the button is still pending after the answer")
	}
	if err := w.amina.Tap("No"); err == nil {
		t.Error("tapped a button that is not there")
	}
}

func TestBlockedAndDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.send("old", nil)
	w.amina.Block()
	for _, method := range []string{"sendMessage", "editMessageText", "sendChatAction"} {
		got := w.call(method, args{"chat_id": "11", "message_id": strconv.Itoa(id), "text": "new", "action": "typing"})
		if got.Status != http.StatusForbidden || got.Description != "Forbidden: bot was blocked by the user" {
			t.Errorf("%s: %d %s", method, got.Status, got.Description)
		}
	}
	w.amina.Send("I am back")
	w.send("welcome", nil)
	w.clock.Advance(48*time.Hour + time.Second)
	got := w.call("deleteMessage", args{"chat_id": "11", "message_id": strconv.Itoa(id)})
	if got.Description != "Bad Request: message can't be deleted for everyone" {
		t.Errorf("delete after 48 h: %s", got.Description)
	}
	w.amina.Deactivate()
	got = w.call("sendMessage", args{"chat_id": "11", "text": "x"})
	if got.Description != "Forbidden: user is deactivated" {
		t.Errorf("deactivated: %s", got.Description)
	}
}

func TestPhotosRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"no image": {[]byte("text"), "Bad Request: IMAGE_PROCESS_FAILED"},
		"empty":    {nil, "Bad Request: file must be non-empty"},
		"long":     {pngImage(t, 2100, 100), "Bad Request: PHOTO_INVALID_DIMENSIONS"},
	} {
		got := w.upload("sendPhoto", args{"chat_id": "11"}, "photo", "p.png", test.data)
		if got.Description != test.want {
			t.Errorf("%s: got %s, want %s", name, got.Description, test.want)
		}
	}
	document := w.upload("sendDocument", args{"chat_id": "11", "document": "attach://f"}, "f", "a.txt", []byte("a"))
	var m struct {
		Document struct {
			FileID string `json:"file_id"`
		}
	}
	decode(t, document.Result, &m)
	got := w.call("sendPhoto", args{"chat_id": "11", "photo": m.Document.FileID})
	if got.Description != "Bad Request: can't use file of type Document as Photo" {
		t.Errorf("document as photo: %s", got.Description)
	}
}

func TestRates(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_000_000, 0)
	w := newWorld(t, func(c *simulator.Config) {
		c.Now = func() time.Time { return now }
		c.Limits = simulator.Limits{ChatBurst: 3}
	})
	for range 3 {
		w.send("x", nil)
	}
	got := w.call("sendMessage", args{"chat_id": "11", "text": "x"})
	if got.Status != 429 || got.Description != "Too Many Requests: retry after 1" || got.Parameters.RetryAfter != 1 ||
		got.Header.Get("Retry-After") != "1" {
		t.Errorf("got %+v", got)
	}
	now = now.Add(time.Second)
	w.send("x", nil)
	w.SetLimits(simulator.Limits{ChatBurst: 1000})
	refused := 0
	for range 40 {
		if w.call("sendMessage", args{"chat_id": "11", "text": "x"}).Status == 429 {
			refused++
		}
	}
	if refused != 10 {
		t.Errorf("%d of 40 messages at once refused, want 10 beyond 30", refused)
	}
}
