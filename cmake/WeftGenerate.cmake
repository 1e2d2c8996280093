# weft_generate(TARGET FILE.thrift [INCLUDES DIR...])
#
# Turns FILE.thrift into FILE.h and FILE.c with weftc and makes them part of
# TARGET. INCLUDES are searched for the files that FILE.thrift includes.
# Works inside weft's own build and after find_package(weft).
function(weft_generate target file)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" INCLUDES)
  cmake_path(ABSOLUTE_PATH file NORMALIZE)
  cmake_path(GET file STEM stem)
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/gen-${target})
  file(MAKE_DIRECTORY ${dir})
  set(includes ${arg_INCLUDES})
  list(TRANSFORM includes PREPEND -I)
  add_custom_command(
    OUTPUT ${dir}/${stem}.h ${dir}/${stem}.c
    COMMAND weft::weftc --gen c -o ${dir} ${includes} ${file}
    DEPENDS weft::weftc ${file}
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
    COMMENT "weftc ${stem}.thrift"
    VERBATIM)
  target_sources(${target} PRIVATE ${dir}/${stem}.c ${dir}/${stem}.h)
  target_include_directories(${target} PRIVATE ${dir})
endfunction()
