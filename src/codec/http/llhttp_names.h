/* SPDX-License-Identifier: MIT */
/*
 * Gives llhttp's functions other names in this library, so that a program may
 * have its own copy of llhttp, too. This header is included before each of
 * llhttp's files and by reader.h. The list comes from the symbols that nm
 * prints.
 */
#ifndef WEFT_CODEC_LLHTTP_NAMES_H
#define WEFT_CODEC_LLHTTP_NAMES_H

/* clang-format off */
#define llhttp__after_headers_complete \
    wf_llhttp__after_headers_complete
#define llhttp__after_message_complete \
    wf_llhttp__after_message_complete
#define llhttp__before_headers_complete \
    wf_llhttp__before_headers_complete
#define llhttp__debug \
    wf_llhttp__debug
#define llhttp__internal__c_and_flags \
    wf_llhttp__internal__c_and_flags
#define llhttp__internal__c_is_equal_content_length \
    wf_llhttp__internal__c_is_equal_content_length
#define llhttp__internal__c_is_equal_method \
    wf_llhttp__internal__c_is_equal_method
#define llhttp__internal__c_is_equal_upgrade \
    wf_llhttp__internal__c_is_equal_upgrade
#define llhttp__internal__c_load_header_state \
    wf_llhttp__internal__c_load_header_state
#define llhttp__internal__c_load_http_major \
    wf_llhttp__internal__c_load_http_major
#define llhttp__internal__c_load_http_minor \
    wf_llhttp__internal__c_load_http_minor
#define llhttp__internal__c_load_initial_message_completed \
    wf_llhttp__internal__c_load_initial_message_completed
#define llhttp__internal__c_load_method \
    wf_llhttp__internal__c_load_method
#define llhttp__internal__c_load_type \
    wf_llhttp__internal__c_load_type
#define llhttp__internal__c_mul_add_content_length \
    wf_llhttp__internal__c_mul_add_content_length
#define llhttp__internal__c_mul_add_content_length_1 \
    wf_llhttp__internal__c_mul_add_content_length_1
#define llhttp__internal__c_mul_add_status_code \
    wf_llhttp__internal__c_mul_add_status_code
#define llhttp__internal__c_or_flags \
    wf_llhttp__internal__c_or_flags
#define llhttp__internal__c_or_flags_1 \
    wf_llhttp__internal__c_or_flags_1
#define llhttp__internal__c_or_flags_15 \
    wf_llhttp__internal__c_or_flags_15
#define llhttp__internal__c_or_flags_16 \
    wf_llhttp__internal__c_or_flags_16
#define llhttp__internal__c_or_flags_18 \
    wf_llhttp__internal__c_or_flags_18
#define llhttp__internal__c_or_flags_3 \
    wf_llhttp__internal__c_or_flags_3
#define llhttp__internal__c_or_flags_4 \
    wf_llhttp__internal__c_or_flags_4
#define llhttp__internal__c_or_flags_5 \
    wf_llhttp__internal__c_or_flags_5
#define llhttp__internal__c_or_flags_6 \
    wf_llhttp__internal__c_or_flags_6
#define llhttp__internal__c_store_header_state \
    wf_llhttp__internal__c_store_header_state
#define llhttp__internal__c_store_http_major \
    wf_llhttp__internal__c_store_http_major
#define llhttp__internal__c_store_http_minor \
    wf_llhttp__internal__c_store_http_minor
#define llhttp__internal__c_store_method \
    wf_llhttp__internal__c_store_method
#define llhttp__internal__c_test_flags \
    wf_llhttp__internal__c_test_flags
#define llhttp__internal__c_test_flags_1 \
    wf_llhttp__internal__c_test_flags_1
#define llhttp__internal__c_test_flags_2 \
    wf_llhttp__internal__c_test_flags_2
#define llhttp__internal__c_test_flags_3 \
    wf_llhttp__internal__c_test_flags_3
#define llhttp__internal__c_test_lenient_flags \
    wf_llhttp__internal__c_test_lenient_flags
#define llhttp__internal__c_test_lenient_flags_1 \
    wf_llhttp__internal__c_test_lenient_flags_1
#define llhttp__internal__c_test_lenient_flags_2 \
    wf_llhttp__internal__c_test_lenient_flags_2
#define llhttp__internal__c_test_lenient_flags_6 \
    wf_llhttp__internal__c_test_lenient_flags_6
#define llhttp__internal__c_test_lenient_flags_8 \
    wf_llhttp__internal__c_test_lenient_flags_8
#define llhttp__internal__c_update_content_length \
    wf_llhttp__internal__c_update_content_length
#define llhttp__internal__c_update_finish \
    wf_llhttp__internal__c_update_finish
#define llhttp__internal__c_update_finish_1 \
    wf_llhttp__internal__c_update_finish_1
#define llhttp__internal__c_update_finish_3 \
    wf_llhttp__internal__c_update_finish_3
#define llhttp__internal__c_update_header_state \
    wf_llhttp__internal__c_update_header_state
#define llhttp__internal__c_update_header_state_1 \
    wf_llhttp__internal__c_update_header_state_1
#define llhttp__internal__c_update_header_state_3 \
    wf_llhttp__internal__c_update_header_state_3
#define llhttp__internal__c_update_header_state_6 \
    wf_llhttp__internal__c_update_header_state_6
#define llhttp__internal__c_update_header_state_7 \
    wf_llhttp__internal__c_update_header_state_7
#define llhttp__internal__c_update_header_state_8 \
    wf_llhttp__internal__c_update_header_state_8
#define llhttp__internal__c_update_http_major \
    wf_llhttp__internal__c_update_http_major
#define llhttp__internal__c_update_http_minor \
    wf_llhttp__internal__c_update_http_minor
#define llhttp__internal__c_update_initial_message_completed \
    wf_llhttp__internal__c_update_initial_message_completed
#define llhttp__internal__c_update_status_code \
    wf_llhttp__internal__c_update_status_code
#define llhttp__internal__c_update_type \
    wf_llhttp__internal__c_update_type
#define llhttp__internal__c_update_type_1 \
    wf_llhttp__internal__c_update_type_1
#define llhttp__internal__c_update_upgrade \
    wf_llhttp__internal__c_update_upgrade
#define llhttp__internal_execute \
    wf_llhttp__internal_execute
#define llhttp__internal_init \
    wf_llhttp__internal_init
#define llhttp__on_body \
    wf_llhttp__on_body
#define llhttp__on_chunk_complete \
    wf_llhttp__on_chunk_complete
#define llhttp__on_chunk_extension_name \
    wf_llhttp__on_chunk_extension_name
#define llhttp__on_chunk_extension_name_complete \
    wf_llhttp__on_chunk_extension_name_complete
#define llhttp__on_chunk_extension_value \
    wf_llhttp__on_chunk_extension_value
#define llhttp__on_chunk_extension_value_complete \
    wf_llhttp__on_chunk_extension_value_complete
#define llhttp__on_chunk_header \
    wf_llhttp__on_chunk_header
#define llhttp__on_header_field \
    wf_llhttp__on_header_field
#define llhttp__on_header_field_complete \
    wf_llhttp__on_header_field_complete
#define llhttp__on_header_value \
    wf_llhttp__on_header_value
#define llhttp__on_header_value_complete \
    wf_llhttp__on_header_value_complete
#define llhttp__on_headers_complete \
    wf_llhttp__on_headers_complete
#define llhttp__on_message_begin \
    wf_llhttp__on_message_begin
#define llhttp__on_message_complete \
    wf_llhttp__on_message_complete
#define llhttp__on_method \
    wf_llhttp__on_method
#define llhttp__on_method_complete \
    wf_llhttp__on_method_complete
#define llhttp__on_reset \
    wf_llhttp__on_reset
#define llhttp__on_status \
    wf_llhttp__on_status
#define llhttp__on_status_complete \
    wf_llhttp__on_status_complete
#define llhttp__on_url \
    wf_llhttp__on_url
#define llhttp__on_url_complete \
    wf_llhttp__on_url_complete
#define llhttp__on_version \
    wf_llhttp__on_version
#define llhttp__on_version_complete \
    wf_llhttp__on_version_complete
#define llhttp_errno_name \
    wf_llhttp_errno_name
#define llhttp_execute \
    wf_llhttp_execute
#define llhttp_finish \
    wf_llhttp_finish
#define llhttp_get_errno \
    wf_llhttp_get_errno
#define llhttp_get_error_pos \
    wf_llhttp_get_error_pos
#define llhttp_get_error_reason \
    wf_llhttp_get_error_reason
#define llhttp_get_http_major \
    wf_llhttp_get_http_major
#define llhttp_get_http_minor \
    wf_llhttp_get_http_minor
#define llhttp_get_method \
    wf_llhttp_get_method
#define llhttp_get_status_code \
    wf_llhttp_get_status_code
#define llhttp_get_type \
    wf_llhttp_get_type
#define llhttp_get_upgrade \
    wf_llhttp_get_upgrade
#define llhttp_init \
    wf_llhttp_init
#define llhttp_message_needs_eof \
    wf_llhttp_message_needs_eof
#define llhttp_method_name \
    wf_llhttp_method_name
#define llhttp_pause \
    wf_llhttp_pause
#define llhttp_reset \
    wf_llhttp_reset
#define llhttp_resume \
    wf_llhttp_resume
#define llhttp_resume_after_upgrade \
    wf_llhttp_resume_after_upgrade
#define llhttp_set_error_reason \
    wf_llhttp_set_error_reason
#define llhttp_set_lenient_chunked_length \
    wf_llhttp_set_lenient_chunked_length
#define llhttp_set_lenient_headers \
    wf_llhttp_set_lenient_headers
#define llhttp_set_lenient_keep_alive \
    wf_llhttp_set_lenient_keep_alive
#define llhttp_set_lenient_transfer_encoding \
    wf_llhttp_set_lenient_transfer_encoding
#define llhttp_settings_init \
    wf_llhttp_settings_init
#define llhttp_should_keep_alive \
    wf_llhttp_should_keep_alive
#define llhttp_status_name \
    wf_llhttp_status_name
/* clang-format on */

#endif
