package chat

import (
	"context"
	"fmt"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"vetalyze/internal/staff"
	"vetalyze/internal/telegram"
)

// A Turn is one update being answered: who speaks, what they did, and the ways
// to answer. It lives as long as the update and belongs to one goroutine.
type Turn struct {
	Locale
	Input    Input
	Speaker  staff.Speaker
	UpdateID int64
	Banner   HTML // stands above every screen that is opened
	// Offers says whether the speaker may ask for a route; buttons that would be
	// refused are not shown. nil: all are.
	Offers func(route string) bool

	api      *telegram.Client
	chatID   int64
	answered bool // the tap has been answered
}

// NewTurn makes the turn of an update in the private chat with the speaker.
func NewTurn(api *telegram.Client, locale Locale, speaker staff.Speaker, update *models.Update, input Input) *Turn {
	return &Turn{
		Locale: locale, Input: input, Speaker: speaker, UpdateID: update.ID,
		api: api, chatID: speaker.TelegramID,
	}
}

// Show shows a screen where the person is looking: in place of the message they
// tapped on, or as a new message, under the turn's banner. It returns the message's id.
func (t *Turn) Show(ctx context.Context, screen Screen) (messageID int, err error) {
	if t.Banner != "" {
		screen.Text = Paragraphs(t.Banner, screen.Text)
	}
	if t.Input.Tap != nil && t.Input.Tap.MessageID != 0 && screen.AskContact == "" && !screen.DropKeyboard {
		return t.Replace(ctx, t.Input.Tap.MessageID, screen)
	}
	return t.Send(ctx, screen)
}

// Send sends a screen as a new message and returns its id.
func (t *Turn) Send(ctx context.Context, screen Screen) (messageID int, err error) {
	sent, err := t.api.SendMessage(ctx, &tg.SendMessageParams{
		ChatID:             t.chatID,
		Text:               screen.text(t.Locale),
		ParseMode:          models.ParseModeHTML,
		LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: tg.True()},
		ReplyMarkup:        screen.replyMarkup(t),
	})
	if err != nil {
		return 0, fmt.Errorf("send a screen: %w", err)
	}
	return sent.ID, nil
}

// SendPhoto sends a picture by Telegram's id of it, with a caption of at most
// 1024 characters. It returns false where Telegram has no such picture.
func (t *Turn) SendPhoto(ctx context.Context, fileID string, caption HTML) (bool, error) {
	_, err := t.api.SendPhoto(ctx, &tg.SendPhotoParams{
		ChatID: t.chatID, Photo: &models.InputFileString{Data: fileID}, Caption: t.laid(caption), ParseMode: models.ParseModeHTML,
	})
	switch telegram.Classify(err) {
	case telegram.OK:
		return true, nil
	case telegram.Permanent:
		return false, nil
	}
	return false, fmt.Errorf("send a photo: %w", err)
}

// Replace puts a screen in place of an earlier message of the bot; where that
// message is gone or too old to change, the screen comes as a new one.
func (t *Turn) Replace(ctx context.Context, messageID int, screen Screen) (int, error) {
	_, err := t.api.EditMessageText(ctx, &tg.EditMessageTextParams{
		ChatID:             t.chatID,
		MessageID:          messageID,
		Text:               screen.text(t.Locale),
		ParseMode:          models.ParseModeHTML,
		LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: tg.True()},
		ReplyMarkup:        screen.replyMarkup(t),
	})
	switch telegram.Classify(err) {
	case telegram.OK, telegram.NotModified:
		return messageID, nil
	case telegram.MessageGone:
		return t.Send(ctx, screen)
	}
	return 0, fmt.Errorf("replace a screen: %w", err)
}

// Withdraw removes an earlier message of the bot. One that Telegram no longer
// lets go loses its buttons at least. It is a courtesy: what the update was for
// has been done, so a failure (which the transport has counted) stays without
// consequence.
func (t *Turn) Withdraw(ctx context.Context, messageID int) {
	_, err := t.api.DeleteMessage(ctx, &tg.DeleteMessageParams{ChatID: t.chatID, MessageID: messageID})
	if telegram.Classify(err) == telegram.MessageGone {
		t.Disarm(ctx, messageID)
	}
}

// Disarm takes the buttons off an earlier message of the bot, as a courtesy like
// Withdraw.
func (t *Turn) Disarm(ctx context.Context, messageID int) {
	_, _ = t.api.EditMessageReplyMarkup(ctx, &tg.EditMessageReplyMarkupParams{ChatID: t.chatID, MessageID: messageID})
}

// Toast answers a tap with a short line that fades by itself (200 characters at
// most); without a tap it does nothing.
func (t *Turn) Toast(ctx context.Context, text string) error { return t.answer(ctx, text, false) }

// Alert answers a tap with a line that stays until the person closes it.
func (t *Turn) Alert(ctx context.Context, text string) error { return t.answer(ctx, text, true) }

// Decline tells why what was asked for is not done, by the key of a text without
// markup: over the screen after a tap, as a message after a command.
func (t *Turn) Decline(ctx context.Context, key string) error {
	if t.Input.Tap != nil {
		return t.Alert(ctx, t.Plain(key))
	}
	_, err := t.Send(ctx, Screen{Text: t.Text(key)})
	return err
}

// Finish lets the button of a tap stop spinning, if the tap has not been answered yet.
func (t *Turn) Finish(ctx context.Context) error {
	if t.Input.Tap == nil || t.answered {
		return nil
	}
	t.answered = true
	return answered(t.api.EndTap(ctx, t.Input.Tap.CallbackID))
}

func (t *Turn) answer(ctx context.Context, text string, alert bool) error {
	if t.Input.Tap == nil || t.answered {
		return nil
	}
	t.answered = true
	_, err := t.api.AnswerCallbackQuery(ctx, &tg.AnswerCallbackQueryParams{
		CallbackQueryID: t.Input.Tap.CallbackID, Text: text, ShowAlert: alert,
	})
	return answered(err)
}

// answered says what came of answering a tap.
func answered(err error) error {
	switch telegram.Classify(err) {
	// Too old: Telegram itself stopped the spinning after a while, and what the
	// tap did stands.
	case telegram.OK, telegram.QueryTooOld:
		return nil
	}
	return fmt.Errorf("answer a tap: %w", err)
}
