// Package telegram carries updates in and calls out. Updates come by long polling or by
// webhook, in order within a chat, and are acknowledged only after they were handled; calls
// go out through go-telegram/bot within Telegram's limits. It knows nothing of clinics:
// what an update means is the Handler's matter.
package telegram

import (
	"context"
	"errors"

	"github.com/go-telegram/bot/models"
)

// A Handler handles one update to the end: state saved and answer sent. It must be
// idempotent, because an update is given again when the process died half way.
//
// nil acknowledges the update. An error gives it again; the third failure ends with
// IntakeConfig.Apologize. An error that wraps ErrUnavailable is tried again for as long as it
// takes, and so is one that says that Telegram cannot be reached or asks us to slow down; one by which Telegram says
// that it is in trouble itself, for ten minutes.
type Handler func(ctx context.Context, u *models.Update) error

// ErrUnavailable says that something the handler depends on is down (the database, say),
// so that the update itself is not to blame.
var ErrUnavailable = errors.New("temporarily unavailable")

// AllowedUpdates are the kinds of updates asked for, whichever way they come.
func AllowedUpdates() []string {
	return []string{
		models.AllowedUpdateMessage,
		models.AllowedUpdateCallbackQuery,
		models.AllowedUpdateMyChatMember,
	}
}

// ChatOf returns the chat whose order u belongs to: what somebody writes and taps in one
// private chat is one sequence. An update without a chat belongs to the person who caused it,
// for in a private chat both have the same id; 0 when there is neither.
func ChatOf(u *models.Update) int64 {
	switch {
	case u.Message != nil:
		return u.Message.Chat.ID
	case u.EditedMessage != nil:
		return u.EditedMessage.Chat.ID
	case u.ChannelPost != nil:
		return u.ChannelPost.Chat.ID
	case u.EditedChannelPost != nil:
		return u.EditedChannelPost.Chat.ID
	case u.CallbackQuery != nil:
		return chatOfCallback(u.CallbackQuery)
	case u.MyChatMember != nil:
		return u.MyChatMember.Chat.ID
	case u.ChatMember != nil:
		return u.ChatMember.Chat.ID
	case u.ChatJoinRequest != nil:
		return u.ChatJoinRequest.Chat.ID
	case u.InlineQuery != nil && u.InlineQuery.From != nil:
		return u.InlineQuery.From.ID
	}
	return 0
}

func chatOfCallback(q *models.CallbackQuery) int64 {
	switch m := q.Message; {
	case m.Message != nil && m.Message.Chat.ID != 0:
		return m.Message.Chat.ID
	case m.InaccessibleMessage != nil && m.InaccessibleMessage.Chat.ID != 0:
		return m.InaccessibleMessage.Chat.ID
	}
	return q.From.ID
}
