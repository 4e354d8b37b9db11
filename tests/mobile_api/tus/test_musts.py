"""The demands of tus 1.0.0 and of the extensions that are offered, and the test that holds us to each."""

import pytest

from tests.mobile_api.tus import test_core, test_extensions, test_live, test_losses

# Section, demand (shortened from the specification), names of tests. Demands on clients are left out.
MUSTS = """
HEAD        include Upload-Offset even if it is 0                       test_head_always_includes_the_offset_even_when_it_is_zero
HEAD        include Upload-Offset when the upload is completed          test_head_includes_the_offset_of_an_upload_that_is_complete
HEAD        include Upload-Length when the size is known                test_head_includes_the_length
HEAD        prevent caching: Cache-Control no-store                     test_head_may_not_be_cached test_head_is_never_answered_with_304
HEAD        no Upload-Offset for what is not found                      test_an_unknown_upload_is_not_found_and_has_no_offset
PATCH       only application/offset+octet-stream, else 415              test_patch_demands_its_content_type
PATCH       409 and nothing modified where the offsets differ           test_patch_at_another_offset_is_a_conflict_and_modifies_nothing test_patch_twice_at_one_offset_is_a_conflict_the_second_time test_of_two_patches_at_one_offset_exactly_one_wins
PATCH       acknowledge with 204                                        test_patch_is_acknowledged_with_204
PATCH       include the new Upload-Offset                               test_patch_answers_with_the_new_offset
PATCH       the new offset is the old one plus the bytes received       test_the_new_offset_is_the_sum_of_the_old_one_and_the_bytes_received test_patch_without_bytes_changes_nothing
PATCH       404 for what is not there                                   test_an_unknown_upload_is_not_found_and_has_no_offset
PATCH       store as much as possible of what arrived                   test_what_arrived_before_the_connection_broke_is_kept test_a_line_that_breaks_anywhere_loses_and_doubles_nothing
PATCH       apply the bytes at the offset                               test_the_bytes_of_many_patches_are_the_photo test_one_patch_is_enough
OPTIONS     204 or 200 with Tus-Version                                 test_options_names_version_extensions_and_largest_size
OPTIONS     ignore Tus-Resumable                                        test_options_ignores_the_version_of_the_request
HEADERS     Upload-Offset is a non-negative integer                     test_the_offset_of_a_patch_is_a_whole_number_that_is_not_negative
HEADERS     Upload-Length is a non-negative integer                     test_the_length_is_a_whole_number_that_is_not_negative
HEADERS     Tus-Version lists the versions                              test_options_names_version_extensions_and_largest_size
HEADERS     Tus-Resumable in every answer                               test_every_answer_names_the_version
HEADERS     412 with Tus-Version for another version                    test_another_version_is_answered_with_412_and_ours
HEADERS     a request of another version is not processed               test_a_request_of_another_version_is_not_processed
HEADERS     Tus-Extension lists what is supported                       test_options_lists_the_extension test_options_does_not_list_what_is_not_offered
HEADERS     Tus-Max-Size is a non-negative integer                      test_options_names_version_extensions_and_largest_size
HEADERS     X-HTTP-Method-Override is the method                        test_the_override_header_is_the_method_and_the_actual_one_is_ignored test_the_override_header_may_be_head_or_delete
HEADERS     the actual method is ignored                                test_the_override_header_is_the_method_and_the_actual_one_is_ignored test_an_override_that_is_no_method_is_not_taken_for_the_actual_one
CREATION    named in Tus-Extension                                      test_options_lists_the_extension
CREATION    201 and Location                                            test_a_creation_is_acknowledged_with_201_and_a_location
CREATION    Upload-Length or Upload-Defer-Length                        test_a_creation_without_a_length_is_refused
CREATION    no deferred length where it is not offered                  test_a_length_that_is_to_come_later_is_refused
CREATION    413 over Tus-Max-Size                                       test_a_length_over_the_largest_size_is_answered_with_413
CREATION    Upload-Metadata: pairs, keys unique, values in base64       test_metadata_that_is_not_well_formed_is_refused test_metadata_may_have_empty_values_and_several_keys
CREATION    HEAD includes Upload-Metadata as it was given               test_head_gives_the_metadata_back_as_it_was_sent test_head_has_no_metadata_when_none_was_sent
WITH-UPLOAD named in Tus-Extension                                      test_options_lists_the_extension
WITH-UPLOAD Content-Type as for PATCH                                   test_a_creation_with_bytes_of_another_content_type_is_refused
WITH-UPLOAD include Upload-Offset after the accepted bytes              test_a_creation_may_bring_the_first_bytes_and_answers_with_the_offset_after_them test_a_creation_may_bring_everything
WITH-UPLOAD a repeat answers with the true offset                       test_a_creation_that_is_sent_again_with_its_bytes_answers_with_the_offset_and_keeps_one
EXPIRATION  named in Tus-Extension                                      test_options_lists_the_extension
EXPIRATION  Upload-Expires in every answer to PATCH                     test_every_patch_says_when_the_upload_expires
EXPIRATION  Upload-Expires in the answer to the creation                test_a_creation_says_when_the_upload_expires
EXPIRATION  the date as HTTP writes it                                  test_the_time_is_written_as_http_writes_it
EXPIRATION  404 or 410 once it was removed                              test_an_expired_upload_is_gone_and_may_be_opened_anew
CHECKSUM    named in Tus-Extension                                      test_options_lists_the_extension
CHECKSUM    verify once the whole request has arrived                   test_bytes_that_match_their_checksum_are_kept
CHECKSUM    460, the bytes discarded, the offset not updated            test_bytes_that_do_not_match_are_answered_with_460_and_discarded test_a_mismatch_leaves_what_had_arrived_before
CHECKSUM    400 for an algorithm that is not supported                  test_an_algorithm_that_is_not_offered_is_answered_with_400
CHECKSUM    sha1 at least; names in lower-case ASCII                    test_options_names_the_algorithms_and_sha1_among_them
CHECKSUM    Tus-Checksum-Algorithm in OPTIONS                           test_options_names_the_algorithms_and_sha1_among_them
CHECKSUM    algorithm, space, base64                                    test_a_checksum_that_is_not_well_formed_is_answered_with_400
CHECKSUM    a broken request is not half kept                           test_a_connection_that_breaks_under_a_checksum_leaves_nothing_of_this_request
TERMINATION named in Tus-Extension                                      test_options_lists_the_extension
TERMINATION 204 to DELETE                                               test_a_deletion_is_confirmed_with_204_and_frees_what_had_arrived
TERMINATION free what it held                                           test_a_deletion_is_confirmed_with_204_and_frees_what_had_arrived
TERMINATION 404 or 410 afterwards                                       test_a_deleted_upload_is_gone
"""


def demands():
    for line in MUSTS.strip().splitlines():
        yield line[:72].strip(), line[72:].split()


@pytest.mark.parametrize(("demand", "names"), list(demands()), ids=[demand for demand, _ in demands()])
def test_each_demand_has_a_test(demand, names):
    files = (test_core, test_extensions, test_live, test_losses)
    assert names, demand
    assert [name for name in names if not any(hasattr(file, name) for file in files)] == []
