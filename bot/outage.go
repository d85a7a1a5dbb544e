package bot

import (
	"context"
	"errors"
	"fmt"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"vetalyze/bot/chat"
	"vetalyze/db"
	"vetalyze/internal/telegram"
)

// unavailable marks errors that say the database is down, so that the transport
// keeps the update and gives it again when the database is back.
func unavailable(err error) error {
	if db.Unavailable(err) {
		return errors.Join(telegram.ErrUnavailable, err)
	}
	return err
}

// deaf lets go of an update whose sender cannot be answered: who blocked the bot
// is marked, and found again as soon as they write.
func (b *Bot) deaf(ctx context.Context, t *chat.Turn, err error) error {
	if !telegram.Classify(err).Unreachable() {
		return err
	}
	b.log.InfoContext(ctx, "person cannot be reached")
	return b.staff.MarkUnreachable(ctx, t.Speaker.TelegramID)
}

// noteReach remembers that somebody blocked the bot or came back.
func (b *Bot) noteReach(ctx context.Context, change *models.ChatMemberUpdated) error {
	if change.Chat.Type != models.ChatTypePrivate {
		return nil
	}
	switch change.NewChatMember.Type {
	case models.ChatMemberTypeBanned, models.ChatMemberTypeLeft:
		return b.staff.MarkUnreachable(ctx, change.From.ID)
	case models.ChatMemberTypeMember:
		return b.staff.Revive(ctx, change.From.ID)
	}
	return nil
}

// Apologize tells the sender of an update that was let go after three failures.
func (b *Bot) Apologize(ctx context.Context, update *models.Update) {
	b.tell(ctx, update, "outage.apology")
}

// Unavailable tells the sender of an update that it waits until the database is
// back, once for each outage.
func (b *Bot) Unavailable(ctx context.Context, update *models.Update) {
	b.tell(ctx, update, "outage.wait")
}

// tell says a sentence without asking the database for anything: the language is
// the one of the sender's Telegram.
func (b *Bot) tell(ctx context.Context, update *models.Update, key string) {
	from, input, ok := chat.Read(update)
	if !ok {
		return
	}
	locale := b.texts.In(chat.GuessLanguage(from.LanguageCode))
	var err error
	if input.Tap != nil {
		_, err = b.api.AnswerCallbackQuery(ctx, &tg.AnswerCallbackQueryParams{
			CallbackQueryID: input.Tap.CallbackID, Text: locale.Plain(key), ShowAlert: true,
		})
	} else {
		_, err = b.api.SendMessage(ctx, &tg.SendMessageParams{
			ChatID: from.ID, Text: string(locale.Text(key)), ParseMode: models.ParseModeHTML,
		})
	}
	if err != nil {
		b.log.WarnContext(ctx, "could not tell about a failure", "error", fmt.Errorf("%s: %w", key, err))
	}
}
