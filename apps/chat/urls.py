from django.urls import path

from apps.chat.views import conversations, messages, prompts, steering, summaries

urlpatterns = [
    path("", conversations.chat_home, name="chat_home"),
    path("new/", conversations.new_conversation, name="new_conversation"),
    path("preferences/", steering.chat_preferences, name="chat_preferences"),
    path("prompts/", prompts.prompts, name="prompts"),
    path("prompts/<int:pk>/", prompts.edit_prompt, name="edit_prompt"),
    path("prompts/<int:pk>/insert/", prompts.insert_prompt, name="insert_prompt"),
    path("prompts/<int:pk>/delete/", prompts.delete_prompt, name="delete_prompt"),
    path("<int:pk>/", conversations.conversation, name="conversation"),
    path("<int:pk>/follow/", conversations.follow_conversation, name="follow_conversation"),
    path("<int:pk>/send/", messages.send_message, name="send_message"),
    path("<int:pk>/options/", steering.conversation_options, name="conversation_options"),
    path("<int:pk>/delete/", conversations.delete_conversation, name="delete_conversation"),
    path("<int:pk>/title/", conversations.conversation_title, name="conversation_title"),
    path("<int:pk>/summary/", summaries.conversation_summary, name="conversation_summary"),
    path("<int:pk>/summary/make/", summaries.summarise, name="summarise"),
    path("<int:pk>/summary/rebuild/", summaries.rebuild_summary, name="rebuild_summary"),
    path("messages/<int:pk>/", messages.message, name="message"),
    path("messages/<int:pk>/stream/", messages.stream_reply, name="stream_reply"),
    path("messages/<int:pk>/stop/", messages.stop_reply, name="stop_reply"),
    path("messages/<int:pk>/again/", messages.answer_again, name="answer_again"),
    path("messages/<int:pk>/continue/", messages.continue_reply, name="continue_reply"),
    path("messages/<int:pk>/show/", messages.show_version, name="show_version"),
]
