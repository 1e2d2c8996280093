# Headers, library, compiler, tool, CMake package and weft.pc. The target
# `installed` builds everything of it that is compiled.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/weft)

add_custom_target(installed)
foreach(target IN ITEMS weft weft_shared weftc weft_idl weft_sim)
  if(TARGET ${target} AND (NOT target STREQUAL weft_sim OR WEFT_SIM))
    install(TARGETS ${target} EXPORT weft)
    set_property(TARGET ${target} PROPERTY EXCLUDE_FROM_ALL OFF)
    add_dependencies(installed ${target})
  endif()
endforeach()
if(TARGET weft_tool)
  install(TARGETS weft_tool)
  add_dependencies(installed weft_tool)
  install(FILES tool/completion/weft.bash RENAME weft
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
endif()
install(EXPORT weft NAMESPACE weft:: DESTINATION ${package_dir}
        FILE weftTargets.cmake)
install(DIRECTORY include/weft DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

configure_package_config_file(cmake/weftConfig.cmake.in weftConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(weftConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/weftConfig.cmake
              ${PROJECT_BINARY_DIR}/weftConfigVersion.cmake
              cmake/WeftGenerate.cmake compiler/emit/headers.def
        DESTINATION ${package_dir})

file(RELATIVE_PATH prefix_from_pc /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/weft.pc.in weft.pc @ONLY)
configure_file(cmake/weft-idl.pc.in weft-idl.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/weft.pc ${PROJECT_BINARY_DIR}/weft-idl.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(WEFT_SIM AND TARGET weft_sim)
  configure_file(cmake/weft-sim.pc.in weft-sim.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/weft-sim.pc
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()
