# weft_generate(TARGET FILE.thrift [EMBED_IDL] [INCLUDES DIR...])
#
# Turns FILE.thrift into FILE.h and FILE.c with weftc and makes them part of
# TARGET. INCLUDES are searched for the files that FILE.thrift includes; when
# one of those changes, FILE.h and FILE.c are made again.
# EMBED_IDL: servers can tell the IDL to `weft call` and others.
# Works inside weft's own build and after find_package(weft).
cmake_policy(PUSH)
cmake_policy(SET CMP0116 NEW) # Ninja finds depfiles' targets by any path.
function(weft_generate target file)
  cmake_parse_arguments(PARSE_ARGV 2 arg "EMBED_IDL" "" INCLUDES)
  cmake_path(ABSOLUTE_PATH file NORMALIZE)
  cmake_path(GET file STEM stem)
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/gen-${target})
  file(MAKE_DIRECTORY ${dir})
  set(includes)
  foreach(include IN LISTS arg_INCLUDES)
    cmake_path(ABSOLUTE_PATH include NORMALIZE)
    list(APPEND includes -I ${include})
  endforeach()
  set(embed)
  if(arg_EMBED_IDL)
    set(embed --embed-idl)
  endif()
  add_custom_command(
    OUTPUT ${dir}/${stem}.h ${dir}/${stem}.c
    COMMAND weft::weftc --gen c -o ${dir} --deps ${dir}/${stem}.d
            ${embed} ${includes} ${file}
    DEPENDS weft::weftc ${file}
    DEPFILE ${dir}/${stem}.d
    COMMENT "weftc ${stem}.thrift"
    VERBATIM)
  target_sources(${target} PRIVATE ${dir}/${stem}.c ${dir}/${stem}.h)
  target_include_directories(${target} PRIVATE ${dir})
endfunction()
cmake_policy(POP)
