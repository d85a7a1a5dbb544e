package telegram

import (
	"context"
	"fmt"

	"github.com/go-telegram/bot"
	"github.com/tidwall/gjson"
)

// Nearly all that the bot says is a text with its buttons. The library would write each as a form through a pipe, which the
// caller has to read back and search for the chat, and decode the whole message that comes back.

// Sent says which message it was that was sent or changed. The library's is a kilobyte.
type Sent struct {
	Chat int64
	ID   int
}

// SendMessage sends a text.
func (c *Client) SendMessage(ctx context.Context, params *bot.SendMessageParams) (Sent, error) {
	return c.show(ctx, params, &call{method: "sendMessage", chat: chatArgument(params.ChatID)})
}

// EditMessageText puts a text in place of another.
func (c *Client) EditMessageText(ctx context.Context, params *bot.EditMessageTextParams) (Sent, error) {
	return c.show(ctx, params, &call{
		method: "editMessageText", chat: chatArgument(params.ChatID), message: params.MessageID,
	})
}

// EditMessageReplyMarkup changes the buttons below a message, or takes them off.
func (c *Client) EditMessageReplyMarkup(ctx context.Context, params *bot.EditMessageReplyMarkupParams) (Sent, error) {
	return c.show(ctx, params, &call{
		method: "editMessageReplyMarkup", chat: chatArgument(params.ChatID), message: params.MessageID,
	})
}

// show makes a call whose answer is a message.
func (c *Client) show(ctx context.Context, params any, call *call) (Sent, error) {
	call.timeout = callTimeout
	call.counted, call.repeatable = countedMethod(call.method), repeatableMethod(call.method)
	if err := call.writeJSON(c.base, params); err != nil {
		return Sent{}, fmt.Errorf("%s: %w", call.method, err)
	}
	answer, err := c.caller.perform(ctx, call)
	if err == nil {
		err = answer.err()
	}
	if err != nil {
		return Sent{}, fmt.Errorf("%s: %w", call.method, err)
	}
	defer forget(answer.body)
	if call.attempts == 1 { // one that was given up may still be reading it
		forget(call.written)
	}
	return Sent{
		Chat: gjson.GetBytes(answer.body.Bytes(), "result.chat.id").Int(),
		ID:   int(gjson.GetBytes(answer.body.Bytes(), "result.message_id").Int()),
	}, nil
}

// chatArgument returns a chat_id as it is written; "" when there is none, as when a message of inline mode is edited.
func chatArgument(id any) string {
	if id == nil {
		return ""
	}
	return fmt.Sprint(id)
}
